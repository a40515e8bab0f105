"""Civil time in pieces; `workflow.calendar` is their public face."""

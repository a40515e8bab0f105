"""The language of definitions: from the bytes of a YAML file to a checked Definition; `workflow.loader` is its face."""

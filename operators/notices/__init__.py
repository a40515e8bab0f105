"""Notices go out: by e-mail, by webhooks, as a digest and as a calendar. They are driven from the outbox."""

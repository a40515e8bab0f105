"""Proves: the audit log's records and exports. Never imports the rest of storage or the engine's callers."""

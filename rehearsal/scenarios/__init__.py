"""Scenarios: lives told in YAML by people who do not program, and lived on the real engine with a virtual clock."""

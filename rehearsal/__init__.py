"""Rehearses definitions: their paths, edges and scenarios, on the real engine in memory. Writes no database."""

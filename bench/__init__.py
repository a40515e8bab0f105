"""Benchmarks, each beside a baseline; re-runnable, printing a table. The product never imports them."""

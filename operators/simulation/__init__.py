"""Simulation and forecast: people of given habits, the engine's own decisions, and a clock that only the heap moves."""

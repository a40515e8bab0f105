"""The demonstration: real placements on a compressed clock, with simulated people who answer in time, late or never."""

"""Decides. `step(state, event) -> (state, effects)`: no clock, disk, network, randomness or logging."""

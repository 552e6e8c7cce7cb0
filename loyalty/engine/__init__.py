"""The loyalty engine: a pure, deterministic state machine. No clock, chance, network or disk."""

from loyalty.engine.machine import Engine

__all__ = ["Engine"]

"""Faults and runs on real processes: the pair as its users get it."""

"""Upgrades of a real pair, under traffic, to a program that is kept for that: see `__main__`."""

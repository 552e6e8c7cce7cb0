"""Hands on processes, and runs of the whole product."""

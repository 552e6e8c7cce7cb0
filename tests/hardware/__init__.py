"""Tests of a unit's parts."""

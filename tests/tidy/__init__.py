"""What `tests/test_tidy.py` checks."""

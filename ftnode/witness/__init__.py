"""The third party: one record, no log, grants epochs. A port, and two witnesses behind it."""

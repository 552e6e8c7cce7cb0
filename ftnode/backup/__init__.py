"""Backups of a cabinet in a directory: taken while it runs, verified, and restored into a new cabinet."""

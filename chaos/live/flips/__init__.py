"""One bit changes, in memory, on disk or on the wire: what finds it, how soon, and who has to go."""

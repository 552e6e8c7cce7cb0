"""What the loyalty engine costs on one core: `make bench-engine`, or `python -m chaos.bench.engine`.

What is measured is the engine behind its executor over LMDB, as a unit runs it. *Cost of an entry* is
decode, state reads from LMDB and overlay, execute, writes, digest and root.
"""

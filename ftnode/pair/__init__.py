"""`ftnode pair`: witness and both units as child processes in one directory, on loopback."""

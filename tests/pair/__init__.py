"""`ftnode pair`, with small shell scripts in the place of units and witness."""

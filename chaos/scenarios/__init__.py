"""What can happen to a pair, as data: `python -m chaos.live --list` tells them."""

"""`python -m ftnode.pair` does what `ftnode pair` does."""

from ftnode.pair.main import main

main()

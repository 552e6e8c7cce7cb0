"""Commands of the house behind the Makefile: set-up, checks, test runs. Not part of the product."""

"""`ftctl`, the operator's command: look at a pair, and ask it for what an operator may ask."""

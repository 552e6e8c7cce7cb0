"""What the back office does on the command line: it publishes, changes and looks."""

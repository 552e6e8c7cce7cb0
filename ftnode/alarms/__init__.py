"""What a person has to be told: the table of alarms, when one counts, and how it is put into words. Pure."""

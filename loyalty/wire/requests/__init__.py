"""Requests of both services, from protobuf bytes to commands, queries and look-ups.

Total: every function answers a value or raises RefusalError with field, problem and what would be
right. Sizes, enums and presence are checked here; numbers are the engine's to refuse, so that a
refusal by the rules is an answer in the log.

Who reads which: `till` the commands of tills, `batches` many of them in one call, `questions` what tills ask,
`publishing` what the back office publishes and asks of it, `members` what it changes of people.
"""

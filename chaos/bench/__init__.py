"""What the pair can do, measured."""

import os

# The loop of benches is uvloop, which forks to begin a process. gRPC's own hooks into a fork, with its
# threads at work beside it, have ended a child by a failed check before it became what it should be.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

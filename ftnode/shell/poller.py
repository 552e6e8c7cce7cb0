"""Who reads gRPC's sockets: chosen by importing this, before anything imports grpc, which looks only then.

The thread that waits for gRPC's events shall read the sockets too. By default two other threads of gRPC
have to wake up in turn before it hears of a call: an echo's answer took 390 us instead of 270, and a third
more processor time. The name is gRPC's own (its documentation, environment_variables.md), an experiment
that is to become the only way: a test notices the grpcio that knows it no more.
"""

import os
from typing import Final

NAME: Final = "GRPC_EXPERIMENTS"
CHOICE: Final = "-event_engine_listener"

os.environ.setdefault(NAME, CHOICE)  # what an operator chose stays

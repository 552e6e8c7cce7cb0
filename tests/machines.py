"""The small applications of the simulator, for every other test that needs one."""

from chaos.sim.machines import COMMAND, MACHINES, Bank, Counter, Register, body, outcome

__all__ = ["COMMAND", "MACHINES", "Bank", "Counter", "Register", "body", "outcome"]

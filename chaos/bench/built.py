"""How the program that is measured was built."""

from typing import Final

from ftnode.machine import executor

COMPILED: Final = not str(executor.__file__).endswith(".py")  # its hot modules, by `make compiled`

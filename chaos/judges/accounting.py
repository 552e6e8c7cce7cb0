"""Told against booked, order, points, gap and wait.

The code lives with the client, because `loyalty load` judges its own run and may not import the test tools.
"""

from loyalty.client.accounting import (
    Account,
    Booked,
    account,
    longest_gap,
    longest_wait,
    percentiles,
)

__all__ = ["Account", "Booked", "account", "longest_gap", "longest_wait", "percentiles"]

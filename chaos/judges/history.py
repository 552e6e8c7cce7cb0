"""The clients' own history. It is written and read by the client package; the judges only look at it."""

from loyalty.client.history import Answered, CallRecord, HistoryWriter, Sent, now_us, read_history

__all__ = ["Answered", "CallRecord", "HistoryWriter", "Sent", "now_us", "read_history"]

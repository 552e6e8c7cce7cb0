"""Outboxes of these tests lie in memory."""

from tests.client.outbox.room import tmp_path

__all__ = ["tmp_path"]

"""What each part of a unit is told, out of the settings and of what was found on disk."""

from ftnode.config import UnitSettings
from ftnode.config.limits import Limits, State
from ftnode.core import events as ev
from ftnode.shell.boot import Opened, blank_promise
from ftnode.shell.checkpoints import Often
from ftnode.shell.driver import now_ms, wall_ms
from ftnode.shell.intake import IntakeLimits
from ftnode.shell.link import LinkSettings
from ftnode.shell.secure import Secure
from ftnode.store.hashing import hash16
from ftnode.store.state import StoreFault


def intake_limits(limits: Limits) -> IntakeLimits:
    """How much may wait before it is in a batch."""
    return IntakeLimits(
        queue_max_entries=limits.queue_max_entries,
        queue_max_bytes=limits.queue_max_bytes,
        back_office_max_entries=limits.back_office_max_entries,
        reads_max=limits.reads_max,
        batch_max_entries=limits.batch_max_entries,
        batch_max_bytes=limits.batch_max_bytes,
    )


def often(state: State) -> Often:
    """When a checkpoint is due."""
    return Often(
        checkpoint_entries=state.checkpoint_entries,
        checkpoint_bytes=state.checkpoint_bytes,
        overlay_max_bytes=state.overlay_max_bytes,
    )


def link_settings(settings: UnitSettings, tls: Secure) -> LinkSettings:
    """The channel to the partner."""
    at, timing = settings.lockstep, settings.timing
    return LinkSettings(
        host=at.host,
        port=at.port,
        peer_address=at.peer_address,
        frame_max_bytes=at.frame_max_bytes,
        send_max_bytes=at.send_max_bytes,
        open_ms=timing.session_open_ms,
        silence_ms=timing.silence_ms,
        reconnect_min_ms=timing.reconnect_min_ms,
        reconnect_max_ms=timing.reconnect_max_ms,
        knock_address=at.peer_admin_address,
        knock_ms=timing.closed_wait_ms + timing.standby_extra_ms,
        server_tls=tls.server_context,
        client_tls=tls.client_context,
        server_hostname=tls.peer_role,
        identity_problem=tls.identity_problem,
    )


def _roots(opened: Opened) -> bytes:
    """A hash over the roots of the state on disk; empty if they cannot be read."""
    try:
        return hash16(opened.store.roots) if opened.store.checkpoint.seq else b""
    except StoreFault:
        return b""


def booted_of(opened: Opened, settings: UnitSettings, life: int, can: tuple[int, ...]) -> ev.Booted:
    """For the core: what the disk says of itself, and which engine versions this program has."""
    found, stands, executor = opened.found, opened.store.checkpoint, opened.runner.executor
    return ev.Booted(
        now_ms=now_ms(),
        promise=opened.promise,
        blank=blank_promise(settings),
        chance=life,
        first_seq=found.first_seq,
        head_seq=found.head_seq,
        ends=found.ends,
        executed_seq=min(executor.executed_seq, found.head_seq),
        commit_seq=found.commit_seq,
        peer_floor_seq=found.peer_seq,
        checkpoint_seq=min(stands.seq, found.head_seq),
        roots=_roots(opened),
        log_time_ms=executor.time_ms,
        wall_ms=wall_ms(),
        rotten=found.rotten_seqs,
        short=not opened.fits,
        rot=opened.rot.why if opened.rot else "",
        named=opened.read.named,
        can=can,
        stands=opened.stands,
        orders=opened.read.orders,
    )

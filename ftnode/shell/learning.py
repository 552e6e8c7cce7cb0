"""A blank unit with a file of a few lines asks its partner for the rest, and keeps what it was told.

Asked at each start, so that what was changed on the pair arrives; kept on the disk, so that the unit starts
also while its partner is away.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import grpc
import msgspec

from ftnode import tls
from ftnode.config import ConfigError, UnitSettings
from ftnode.config.learned import Learned, merged
from ftnode.config.load import document_of, unit_from
from ftnode.store.disk import RealDisk, read_whole, write_whole
from ftnode.v1 import snapshot_pb2 as pb
from ftnode.v1 import snapshot_pb2_grpc as pb_grpc

FILE: Final = "learned.json"
FORMAT: Final = 1
ASK_S: Final = 3.0
AGAIN_S: Final = 1.0
TELL_S: Final = 10.0
SILENT: Final = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


class Kept(msgspec.Struct, forbid_unknown_fields=True):
    """On the disk."""

    format: int
    told_by: str
    settings: dict[str, object]


def load(
    path: Path, environ: Mapping[str, str] | None = None, say: Callable[[str], None] | None = None
) -> UnitSettings:
    """The settings in the file, and, if it names whom to ask, what it leaves out.

    A blank unit waits for its partner for as long as it takes: without it there is nothing it could do.

    Raises:
        ConfigError: in words, also when the partner refuses.
    """
    env = os.environ if environ is None else environ
    document = document_of(path)
    settings = unit_from(document, env, str(path))
    at = settings.join.learn_from
    if not at:
        return settings
    directory = Path(settings.unit.dir)
    kept = _kept(directory)
    told = _ask(settings, at, kept is None, say or _say)
    if told is not None:
        whole = unit_from(merged(document, told, at), env, f"{path} with what {at} told")
        _keep(directory, Kept(FORMAT, at, dict(told)))
        return whole
    if kept is None:
        raise ConfigError([f"{at} told nothing"])
    (say or _say)(f"{at} does not answer: settings as it told them last, in {directory / FILE}")
    return unit_from(merged(document, kept.settings, at), env, f"{path} with {directory / FILE}")


def _ask(settings: UnitSettings, at: str, blank: bool, say: Callable[[str], None]) -> Learned | None:
    """None: it is silent, and we can do without."""
    own = settings.unit
    request = pb.SnapshotServiceIntroduceRequest(cabinet=own.cabinet, unit=own.id)
    told_s = 0.0
    try:
        credentials = tls.channel_credentials(settings.tls) if settings.tls.on else None
    except tls.TlsError as wrong:
        raise ConfigError([str(wrong)]) from wrong
    while True:
        try:
            with _channel(at, credentials, f"unit{1 - own.id}") as channel:
                answer = pb_grpc.SnapshotServiceStub(channel).Introduce(request, timeout=ASK_S)
            return msgspec.json.decode(answer.settings, type=dict[str, object])
        except grpc.RpcError as problem:
            code, text = problem.code(), problem.details()
            if code not in SILENT:
                raise ConfigError([f"{at} tells this unit nothing: {text or code.name}"]) from problem
        except (msgspec.MsgspecError, UnicodeDecodeError) as wrong:
            raise ConfigError([f"{at} told what is no settings: {wrong}"]) from wrong
        if not blank:
            return None
        if time.monotonic() - told_s > TELL_S:
            told_s = time.monotonic()
            say(f"waiting for {at} to tell the rest of the settings: {text or code.name}")
        time.sleep(AGAIN_S)


def _channel(at: str, credentials: grpc.ChannelCredentials | None, role: str) -> grpc.Channel:
    if credentials is None:
        return grpc.insecure_channel(at)
    return grpc.secure_channel(at, credentials, options=tls.role_options(role))


def _kept(directory: Path) -> Kept | None:
    path = directory / FILE
    try:
        data = read_whole(RealDisk(), str(path.absolute()))
        kept = msgspec.json.decode(data, type=Kept) if data is not None else None
    except OSError as fault:
        raise ConfigError([f"{path}: cannot be read: {fault.strerror}"]) from fault
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as wrong:
        raise ConfigError(
            [f"{path} cannot be understood: {wrong}; remove it, the other unit tells it again"]
        ) from wrong
    if kept is not None and kept.format != FORMAT:
        raise ConfigError([f"{path}: format {kept.format}, this version reads {FORMAT}; remove it"])
    return kept


def _keep(directory: Path, kept: Kept) -> None:
    path = directory / FILE
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(RealDisk(), str(path.absolute()), msgspec.json.encode(kept))
    except OSError as fault:
        raise ConfigError([f"{path}: cannot be written: {fault.strerror}"]) from fault


def _say(text: str) -> None:
    print(f"ftnode: {text}", file=sys.stderr, flush=True)

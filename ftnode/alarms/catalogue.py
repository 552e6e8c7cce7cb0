"""Every alarm there is, as one table: the operator's list and the Prometheus rules are printed from it.

To add one: a row here, and in `ftnode/shell/trouble.py` a predicate that finds it. Write each text for
somebody who was asleep a minute ago and reads it on a phone: what happened, what the tills notice, what
to type. `{unit}` is the unit that the alarm is about, `{other}` the other one.
"""

from enum import StrEnum
from typing import Final, NamedTuple


class Severity(StrEnum):
    """As in `ftnode.v1.Severity`: how much it matters to the tills."""

    CRITICAL = "critical"  # tills are not served, or data is at risk: get up
    WARNING = "warning"  # redundancy is gone or going: act before the next thing fails


class About(StrEnum):
    """What an alarm is about; of each such thing there is one alarm at a time, whoever sees it."""

    UNIT = "unit"
    PAIR = "pair"
    WITNESS = "witness"


class Row(NamedTuple):
    """One alarm."""

    code: str
    severity: Severity
    about: About
    headline: str
    cause: str
    consequence: str
    todo: str
    raise_after_s: int  # it must have been so for this long: what mends itself wakes nobody
    clear_after_s: int  # it must have been gone for this long
    hidden_by: tuple[str, ...] = ()  # while one of these is there, this one goes without saying
    all_see: bool = False  # it is so only if each unit that is heard sees it: who does not knows better


_C, _W, _A = Severity.CRITICAL, Severity.WARNING, About
_REPLACE: Final = (
    "When `ftctl status` says that unit {unit} is safe to pull: `ftctl bring-down {unit}`, stop its process, "
    "move its directory away and start it again; it copies everything from unit {other}."
)
_ALONE: Final = "Tills notice nothing now. If unit {other} fails too, they stand still."

TABLE: Final = (
    Row(
        "no-answers",
        _C,
        _A.PAIR,
        "Tills get no answer",
        "No unit is active: both are down, or the one that runs reaches neither its partner nor the witness, "
        "or the only unit that holds everything is the one that is missing.",
        "Tills wait some seconds and are then told that the outcome is unknown; a till with an outbox keeps "
        "selling and sends later. Nothing that was answered is lost.",
        "`ftctl status` shows who is silent. On its machine start `ftnode serve --config FILE` (for the "
        "witness: `ftnode witness --config FILE`): first the unit that was active last, then the other one, "
        "then the witness. If all three run, mend the network between them.",
        raise_after_s=10,
        clear_after_s=10,
        all_see=True,  # a unit that answers tills knows better than one that is cut off
    ),
    Row(
        "log-behind-witness",
        _C,
        _A.UNIT,
        "Unit {unit}'s disk has lost sales that were answered",
        "It was rolled back, restored from a copy, or does not keep what it says it has written.",
        "Unit {unit} waits and answers no till. Nothing is lost as long as unit {other} has its own disk.",
        "Start unit {other} with its own disk; unit {unit} then copies what it lacks (`ftctl watch`). Do not "
        "form anew, do not restore anything: that would make the loss final.",
        raise_after_s=5,
        clear_after_s=5,
    ),
    Row(
        "disk-full",
        _C,
        _A.UNIT,
        "Unit {unit}'s disk is full",
        "The disk has no room for the next piece of the log.",
        "Unit {unit} stops when the present piece is full; unit {other} goes on alone.",
        "Make room on the disk that holds unit {unit}'s directory: `df -h` there. Never delete in its log, "
        "state or archive; move other things away, or make the disk larger.",
        raise_after_s=5,
        clear_after_s=60,
    ),
    Row(
        "no-room",
        _C,
        _A.UNIT,
        "Unit {unit}'s disk is full, and it takes no more sales",
        "Its disk is nearly full, and no other unit that has room is in sync.",
        "Balances and quotes are answered; sales are refused with RESOURCE_EXHAUSTED and surely not taken. "
        "A till with an outbox keeps selling and sends later. Nothing that was answered is lost.",
        "Make room on the disk that holds unit {unit}'s directory: `df -h` there. Never delete in its log, "
        "state or archive; move other things away, or make the disk larger. It goes on by itself.",
        raise_after_s=0,
        clear_after_s=10,
    ),
    Row(
        "unit-doubled",
        _C,
        _A.UNIT,
        "Two processes say that they are unit {unit}",
        "A second one was started with the settings, or on a copy of the disk, of the first.",
        "The second one is told to end. If it cannot be told, both may answer tills, and sales are lost.",
        "Find the second process of unit {unit} and stop it, now: `pgrep -af 'ftnode serve'` on each "
        "machine. Each unit needs a unit.id, a disk and a certificate of its own.",
        raise_after_s=0,
        clear_after_s=60,
    ),
    Row(
        "unit-broken",
        _W,
        _A.UNIT,
        "Unit {unit} is broken and has taken itself out",
        "It found that its own disk, log or results cannot be trusted. The detail says which.",
        _ALONE,
        "Read the detail. Is the cause mended (a disk, a cable): `ftctl clear {unit}`. Else replace the "
        "machine: the same settings, an empty directory, `ftnode serve --config FILE`; it copies everything "
        "by itself.",
        raise_after_s=5,
        clear_after_s=5,
    ),
    Row(
        "wrong-program",
        _W,
        _A.UNIT,
        "Unit {unit} runs a program that does not fit",
        "The pair has switched to an engine version that unit {unit}'s program does not have. The detail "
        "says which.",
        _ALONE,
        "Start unit {unit} with the program that unit {other} runs; `ftctl upgrade status` says what each "
        "has. It joins by itself. There is no way back to the older version.",
        raise_after_s=5,
        clear_after_s=5,
    ),
    Row(
        "part-ill",
        _W,
        _A.UNIT,
        "A part of unit {unit} works badly",
        "Its disk or processor is slow or starved, its disk or memory nearly full, or the link to unit "
        "{other} loses packets. The detail says which, and what was measured.",
        "Tills notice nothing if unit {other} is well: it serves them, and unit {unit} stays out until it is "
        "well again. If both are ill, tills wait longer.",
        "`ftctl status` has the readings of both units, `ftctl diagnose {unit}` tries the parts one by one. "
        "Take away what uses up that machine, or replace the part.",
        raise_after_s=10,
        clear_after_s=10,
    ),
    Row(
        "unit-worn",
        _W,
        _A.UNIT,
        "Unit {unit} has had too many faults in too short a time",
        "The mean time between its last faults is below hardware.mtbf_min_ms. The detail has the last one.",
        _ALONE,
        "`ftctl mtbf` lists the faults. Replace what they name; then `ftctl clear {unit}`.",
        raise_after_s=5,
        clear_after_s=5,
        hidden_by=("unit-broken",),
    ),
    Row(
        "unit-offline",
        _W,
        _A.UNIT,
        "Unit {unit} has been out of service for an hour: forgotten?",
        "Somebody took it out with `ftctl bring-down` and has not put it back.",
        _ALONE,
        "When the work on it is done: `ftctl bring-up {unit}`. Who took it out and why: `ftctl history`.",
        raise_after_s=3600,
        clear_after_s=5,
    ),
    Row(
        "simplex",
        _W,
        _A.UNIT,
        "Unit {unit} is out; unit {other} serves the tills alone",
        "Unit {unit} was pulled, crashed, hangs, has no network, or is still copying what it missed.",
        _ALONE,
        "`ftctl status`. If unit {unit} is DUPLEXING, wait: it joins by itself. If it is SILENT, start "
        "`ftnode serve --config FILE` on its machine. If the machine is dead, put in another one: the same "
        "settings, an empty directory, the same command.",
        raise_after_s=60,
        clear_after_s=10,
        hidden_by=("no-answers", "unit-broken", "unit-offline", "log-behind-witness"),
    ),
    Row(
        "witness-unreachable",
        _W,
        _A.WITNESS,
        "The witness does not answer",
        "Its process or machine is down, or the network to it is cut.",
        "Tills notice nothing now. If the active one fails meanwhile, tills may have to wait.",
        "On the witness's machine: is `ftnode witness` running? Start it with its own directory; never "
        "restore that from a backup. If it runs, mend the network: `ftctl status` says who cannot reach it.",
        raise_after_s=60,
        clear_after_s=30,
    ),
    Row(
        "survivor-designated",
        _W,
        _A.PAIR,
        "The witness is lost; one unit may go on alone",
        "Neither unit reached the witness for a while. The active one was named survivor in the log: if "
        "its partner fails now it goes on, and its partner will not take over.",
        "Tills notice nothing now. If the survivor itself fails, they wait until it is back.",
        "Bring the witness back: start it with its own directory, or mend the network. If it is gone for "
        "good, start a new one with an empty directory and type `ftctl replace-witness HOST:PORT`.",
        raise_after_s=10,
        clear_after_s=0,
    ),
    Row(
        "waits-for-survivor",
        _C,
        _A.UNIT,
        "A unit waits for the designated survivor",
        "The witness was lost, unit {other} was named survivor and may have answered alone since. Unit "
        "{unit} must not serve before it has heard what was answered.",
        "Tills get no answer until unit {other} is back. Nothing that was answered is lost.",
        "Start unit {other} again, on its own disk. Only if that disk is gone for good: `ftctl force-active "
        "{unit} --off {other} --accept-data-loss` says what would be lost, and asks.",
        raise_after_s=5,
        clear_after_s=0,
    ),
    Row(
        "witness-setting",
        _W,
        _A.UNIT,
        "The settings name a witness that counts no more",
        "The witness was replaced, and unit {unit} was started with settings that name the old one.",
        "Tills notice nothing now. Started again with these settings, unit {unit} would refuse to run.",
        "Set witness.address in unit {unit}'s settings to the witness that `ftctl status` shows (with --dir, "
        "`ftctl replace-witness` has done so). The alarm ends when the unit is started the next time.",
        raise_after_s=60,
        clear_after_s=0,
    ),
    Row(
        "log-rotten",
        _W,
        _A.UNIT,
        "Part of unit {unit}'s log cannot be read",
        "Its disk gave back other bytes than were written.",
        "Unit {unit} fetches these entries from unit {other}. Until it has them it cannot take over.",
        "If it lasts, see whether unit {other} runs: `ftctl status`. A disk that did this once does it "
        "again: plan to replace it.",
        raise_after_s=60,
        clear_after_s=10,
    ),
    Row(
        "log-end-rotten",
        _C,
        _A.UNIT,
        "Unit {unit}'s disk has lost the end of its log",
        "The last entries before it stopped were written and came back as other bytes. Tills may have been "
        "told of them, and unit {other} holds them.",
        "Unit {unit} answers no till before it has the entries again, however long that takes.",
        "Start unit {other} with its own disk; unit {unit} then takes what it lacks, by itself (`ftctl "
        "watch`). Only if that disk is gone for good: `ftctl force-active {unit} --off {other} "
        "--accept-data-loss` goes on without those entries. A disk that did this once does it again: plan to "
        "replace it.",
        raise_after_s=5,
        clear_after_s=5,
    ),
    Row(
        "application-unsure",
        _W,
        _A.PAIR,
        "The application answers one question in two ways",
        "Both units asked it the same on the same state, again and again, and its answers differed; each "
        "unit re-executed its log and is sound. It is a fault of the program, not of a unit.",
        "Tills get no answer to these questions; all others, and all sales, go on.",
        "`ftctl alarms` says how often. The units' log lines query_unsure and reads_refused name the "
        "questions: send them to whoever makes the program. Replace no unit for it.",
        raise_after_s=0,
        clear_after_s=10,
    ),
    Row(
        "log-hole",
        _W,
        _A.UNIT,
        "Part of unit {unit}'s old log cannot be read",
        "Its disk gave back other bytes than were written, and nobody has these entries any more. What they "
        "did is in the state.",
        "Tills notice nothing. From there on the log is neither archived nor trimmed, so the disk fills up.",
        _REPLACE,
        raise_after_s=60,
        clear_after_s=10,
    ),
    Row(
        "state-rotten",
        _W,
        _A.UNIT,
        "Unit {unit}'s data on disk has changed by itself",
        "Its disk gave back other bytes than were written.",
        "Tills notice nothing. Unit {other} serves or takes over; unit {unit} takes what rotted from there, "
        "by itself, and joins again.",
        "Wait: `ftctl watch`. If it lasts, see whether unit {other} and the witness run. A disk that did "
        "this once does it again: plan to replace it.",
        raise_after_s=60,
        clear_after_s=10,
    ),
    Row(
        "state-rotten-alone",
        _C,
        _A.UNIT,
        "Unit {unit} is alone, and its data on disk have changed",
        "Its disk gave back other bytes than were written, and unit {other} is not there to give them back.",
        "Tills are served. A sale that needs just these data is not answered with a guess: unit {unit} stops "
        "at it.",
        "Start unit {other} with its own disk, now: unit {unit} takes from there what it still has (`ftctl "
        "watch`). If it cannot join, both have to come from a backup.",
        raise_after_s=0,
        clear_after_s=10,
    ),
    Row(
        "state-rotten-stopped",
        _C,
        _A.UNIT,
        "Unit {unit} stopped: it needs data that have changed on disk",
        "Its disk gave back other bytes than were written, just where the next entry of its log needs them, "
        "and nobody else holds them.",
        "No till is served. Nothing wrong was answered, and what was answered is in the log.",
        "Start unit {other} with its own disk, if it was in sync lately: `ftctl watch`. If that "
        "does not help, restore both from a backup and the archived log. Do not form anew.",
        raise_after_s=0,
        clear_after_s=10,
    ),
    Row(
        "archive-rotten",
        _W,
        _A.UNIT,
        "Part of unit {unit}'s archive has changed by itself",
        "The disk of the archive gave back other bytes than were written, and unit {other} does not have "
        "these entries any more, or is away.",
        "Tills notice nothing. These entries cannot be read from here, for an audit or a restore.",
        "Start unit {other}, then `ftctl verify {unit}`: what it finds it takes from there. Else put a copy "
        "of the archive from elsewhere in its place.",
        raise_after_s=60,
        clear_after_s=10,
    ),
    Row(
        "not-archived",
        _W,
        _A.UNIT,
        "Unit {unit}'s log is not being archived",
        "The archive's disk hangs, is full, is not mounted, or cannot be read.",
        "Tills notice nothing. Old log stays on the unit's own disk until it is archived, and fills it up.",
        "See to the disk that log.archive_dir of unit {unit} is on: `df -h` and `mount` there. Archiving "
        "goes on by itself.",
        raise_after_s=300,
        clear_after_s=60,
    ),
    Row(
        "clock-off",
        _W,
        _A.UNIT,
        "Unit {unit}'s clock is wrong",
        "It differs from unit {other}'s and from the witness's, which agree. NTP does not run there, or its "
        "board's clock is broken.",
        "Tills notice nothing: the pair's own time follows the other two clocks. If a second clock goes "
        "wrong, bonuses may open or end late.",
        "On unit {unit}: `chronyc tracking` (or `timedatectl`), and set its clock right.",
        raise_after_s=120,
        clear_after_s=60,
    ),
    Row(
        "clock-runs-off",
        _W,
        _A.UNIT,
        "Unit {unit}'s clock runs too fast or too slowly",
        "Beside the two other machines' clocks it gains or loses more than 1 ms a second: a broken "
        "oscillator, or a virtual machine that is starved.",
        "Tills notice nothing: if unit {unit} was active, it has handed over to unit {other}, which keeps "
        "the time. Alone, unit {unit} would serve at its own pace.",
        "Plan to replace the machine: NTP cannot steer a clock that is so far off. `ftctl status` says how "
        "fast it runs.",
        raise_after_s=60,
        clear_after_s=60,
    ),
    Row(
        "witness-clock-off",
        _W,
        _A.WITNESS,
        "The witness's clock is wrong",
        "It differs from both units' clocks, which agree, or it runs too fast or too slowly.",
        "Tills notice nothing: the pair's own time follows the units' clocks.",
        "On the witness's machine: `chronyc tracking` (or `timedatectl`), and set its clock right.",
        raise_after_s=120,
        clear_after_s=60,
    ),
    Row(
        "clocks-differ",
        _W,
        _A.PAIR,
        "Clocks differ, and nobody can tell which is right",
        "Two clocks differ and no third one is heard, or all three differ.",
        "Tills notice nothing: the pair's own time goes on evenly and steps nowhere. After an outage it "
        "would be behind, and bonuses would open and end late.",
        "`chronyc tracking` (or `timedatectl`) on both units and on the witness; set right what is off. Was "
        "there an outage meanwhile: `ftctl set-time`.",
        raise_after_s=120,
        clear_after_s=60,
    ),
    Row(
        "time-unconfirmed",
        _W,
        _A.PAIR,
        "The pair's time goes by one clock alone",
        "The active hears no second clock that agrees with its own: the partner is away, and the witness is "
        "away or gives no time (etcd).",
        "Tills notice nothing: time goes on evenly. It steps nowhere before two clocks agree again.",
        "Bring the other unit and the witness back: `ftctl status` says who is missing.",
        raise_after_s=300,
        clear_after_s=60,
        hidden_by=("no-answers", "clocks-differ"),
    ),
    Row(
        "time-refused",
        _W,
        _A.UNIT,
        "Unit {unit}'s times are refused by unit {other}",
        "Unit {unit} gave entries a time that neither unit {other}'s own clock nor two clocks together "
        "explain: its clock or its memory is broken.",
        "Unit {other} takes over within a second; tills see one slow answer. Nothing of the wrong times is "
        "answered.",
        "If it lasts, unit {other} cannot take over: `ftctl status`, and see that it reaches the witness. "
        "Then replace unit {unit}: `ftctl bring-down {unit}`.",
        raise_after_s=0,
        clear_after_s=60,
    ),
    Row(
        "tills-refused",
        _W,
        _A.UNIT,
        "Unit {unit} turns calls of tills away: too many at once",
        "More calls come in than the pair can do: a peak, a runaway import, a slow disk, or a machine that "
        "is busy with other things.",
        "Tills that are turned away are told so at once and ask again; customers wait. Nothing is lost.",
        "`ftctl watch` shows calls per second and how long answers take. Stop imports and reports; on both "
        "units look with `top` for other work and with `iostat -x 1` for a disk that is slow.",
        raise_after_s=120,
        clear_after_s=60,
    ),
    Row(
        "backup-old",
        _W,
        _A.PAIR,
        "The last backup is old",
        "`ftctl backup` did not run, did not reach the pair, or could not write; the detail has its age.",
        "Tills notice nothing. But what was sold since then is lost if both units burn, and cannot be told "
        "from what was done by mistake.",
        "Type `ftctl backup DIRECTORY` and read its last line, then see why its timer did not. What is there "
        "shows `ftctl backup DIRECTORY --list`.",
        raise_after_s=60,
        clear_after_s=0,
    ),
    Row(
        "webhook-silent",
        _W,
        _A.UNIT,
        "Alarms of unit {unit} are not delivered",
        "The address in alarms.webhook_urls cannot be reached, or refuses what is posted.",
        "Tills notice nothing. But nobody hears of other alarms that way; they wait and are posted later.",
        "The detail says what is wrong with the address. Mend it, or the setting, then try it with "
        "`ftctl alarms --test`.",
        raise_after_s=120,
        clear_after_s=10,
    ),
    Row(
        "history-not-written",
        _W,
        _A.UNIT,
        "Unit {unit} cannot write its history",
        "Its disk is full or fails, or the directory belongs to somebody else.",
        "Tills notice nothing. What happens now may be missing from `ftctl history` later.",
        "See to the disk that holds unit {unit}'s directory: `df -h` there; its `history` directory must "
        "belong to the user that `ftnode` runs as.",
        raise_after_s=60,
        clear_after_s=10,
    ),
    Row(
        "certificate-ends",
        _W,
        _A.UNIT,
        "Unit {unit}'s certificate ends soon",
        "Certificates are made for a limited time; the detail has the day.",
        "Tills notice nothing until that day. From then on neither tills nor the other unit can connect.",
        "By day: `ftctl make-certs` with the cabinet's ca.key, copy the new files to unit {unit}, then "
        "restart it (`ftctl switchover` first if it is active). Then the other machines.",
        raise_after_s=0,
        clear_after_s=0,
    ),
)
ROWS: Final = {row.code: row for row in TABLE}


def in_words(text: str, unit: int) -> str:
    """A text of the table, said of one unit."""
    return text.format(unit=unit, other=1 - unit)

"""All mutants: the bug, the rule or trap that it breaks, the checks meant to see it, where to look."""

from typing import Final

from chaos.sim import mutations as m
from chaos.sim.planting import Mutant

MUTANTS: Final = (
    Mutant("received counts as durable", "rule 1", ("durable", "lost"), m.received_is_durable),
    Mutant("own disk does not count", "rule 1", ("durable", "lost"), m.own_disk_does_not_count),
    Mutant("every sync is a lie", "rules 1, 14", ("lost", "durable"), m.sync_is_a_lie, ("ends", "disk")),
    Mutant(
        "answers alone before the swap", "rule 2", ("durable", "lost"), m.alone_before_the_swap, ("wires",)
    ),
    Mutant(
        "a swap is settled by reading",
        "rule 2, trap 2",
        ("durable", "lost"),
        m.settled_by_reading,
        ("one at a time",),
    ),
    Mutant(
        "a restart goes on with {self}",
        "rule 2, trap 3",
        ("durable", "lost", "one active"),
        m.restart_goes_on,
        ("witness", "joins"),
    ),
    Mutant("a newcomer joins while behind", "rule 3, trap 4", ("lost",), m.joins_while_behind, ("joins",)),
    Mutant("promoted from outside the set", "rule 3", ("lost",), m.promoted_from_outside, ("joins", "ends")),
    Mutant(
        "a dead newcomer stays required",
        "rule 3, trap 15",
        ("stall",),
        m.dead_newcomer_required,
        ("one at a time",),
    ),
    Mutant(
        "any disk may come back",
        "rule 4",
        ("lost", "durable"),
        m.any_disk_will_do,
        ("joins", "disk"),
        seeds=(30,),
    ),
    Mutant(
        "a rolled-back disk is believed",
        "rule 4",
        ("lost", "durable"),
        m.rolled_back_is_fine,
        ("disk",),
        seeds=(1079,),
    ),
    Mutant(
        "refuses the epoch once it asked",
        "rule 5, trap 14",
        ("stall",),
        m.refuses_once_asked,
        ("one at a time",),
    ),
    Mutant(
        "a higher epoch fences for good",
        "rule 6, trap 13",
        ("stall", "converged"),
        m.fenced_for_good,
        ("one at a time",),
    ),
    Mutant(
        "the standby asks first", "rule 7", ("race",), m.standby_asks_first, ("one at a time",), seeds=(202,)
    ),
    Mutant(
        "asks without proof of its disk",
        "rule 8, trap 16",
        ("stall",),
        m.asks_without_proof,
        ("one at a time",),
    ),
    Mutant("never gives up on its own disk", "rule 8", ("stall",), m.never_sick, ("one at a time",)),
    Mutant("a slow standby stays", "rule 9", ("stall",), m.never_slow, ("one at a time",)),
    Mutant(
        "guesses when cut off from all",
        "rule 10",
        ("durable", "lost", "linearizable"),
        m.guesses_when_cut_off,
        ("wires",),
    ),
    Mutant(
        "a read needs no barrier",
        "output rule, trap 1",
        ("linearizable",),
        m.reads_without_barrier,
        ("readers",),
        seeds=(793,),
    ),
    Mutant(
        "acknowledgements of any session count",
        "sessions, trap 5",
        ("durable", "lost", "digest", "one active"),
        m.any_ack_counts,
        ("ends", "echoes"),
    ),
    Mutant("boots into a running pair", "rule 12", ("race",), m.starts_without_asking, ("one at a time",)),
    Mutant(
        "the tail is not cut",
        "rule 13",
        ("lost", "digest", "converged", "invariant", "crash"),
        m.tail_not_cut,
        ("ends",),
    ),
    Mutant(
        "write sets are not discarded",
        "rules 6, 13",
        ("digest", "invariant", "converged"),
        m.write_sets_not_discarded,
        ("ends",),
    ),
    Mutant("rot is passed over", "rule 14", ("converged", "stall", "lost"), m.rot_ignored, ("disk",)),
    Mutant(
        "what is read at boot is durable",
        "rule 14, trap 12",
        ("lost", "durable"),
        m.read_is_durable,
        ("ends", "disk"),
        seeds=(30,),
    ),
    Mutant("a failed fsync is tried again", "rule 15", ("lost", "durable"), m.fsync_retried, ("disk",)),
    Mutant(
        "unequal digests are passed over",
        "rule 16",
        ("digest",),
        m.miscompare_ignored,
        ("mixed",),
        seeds=(67,),
    ),
    Mutant("one clock is believed", "rule 17", ("clock",), m.own_clock_believed, ("clocks",)),
    Mutant("log time only slews", "rule 17, trap 18", ("clock",), m.time_only_slews, ("clocks",)),
    Mutant("requests are not remembered", "rule 18, trap 19", ("doubled",), m.no_memory_of_requests),
    Mutant("the window ends unnoticed", "rule 18, trap 19", ("doubled",), m.window_ignored, seeds=(10,)),
    Mutant(
        "an abandoned request runs after all",
        "rule 18",
        ("doubled", "linearizable"),
        m.abandoned_forgotten,
        seeds=(67,),
    ),
    Mutant(
        "promises are written later",
        "rule 20",
        ("lost", "durable", "one active", "converged"),
        m.promise_written_later,
        ("ends", "witness"),
    ),
)

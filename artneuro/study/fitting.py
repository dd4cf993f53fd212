"""Fitting: whether disk and memory have room for what is still to be reared, asked before anything is."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from artneuro.errors import RunError
from artneuro.study.litters import cut
from artneuro.study.machine import machine_bytes
from artneuro.study.memory import PROCESS, environment_bytes, largest_litters, least_bytes, weight_bytes
from artneuro.study.plan import Plan
from artneuro.study.planned import PlannedSubject
from artneuro.study.telling import size

ENDLESS = 2**60
"""Bytes of memory that no litter fills."""


def require_disk(folder: Path, plan: Plan, to_rear: Sequence[PlannedSubject]) -> None:
    """Refuse a run whose weights alone are larger than what is free where its folder lies.

    Weights at the ages that are kept are the least that subjects fill: `artneuro check` tells what all of it takes.

    Raises
    ------
    RunError
        Where they do not fit; nothing has been written then but the lock.
    """
    each: dict[str, int] = {}
    for planned in to_rear:
        grown = planned.upbringing
        if grown.key not in each:
            ages = {*grown.rearing.keep, grown.rearing.epochs}
            each[grown.key] = len(ages) * weight_bytes(grown, plan.environments[grown.environment])
    needed = sum(each[planned.upbringing.key] for planned in to_rear)
    free = shutil.disk_usage(folder).free
    if needed > free:
        sizes = f"take {precise(needed)}, and {precise(free)} are free"
        raise RunError(
            f"{folder}: the weights of {len(to_rear)} subjects {sizes}. "
            "Free some space, keep fewer ages, or choose another disk with --out."
        )


def precise(count: int) -> str:
    """Return bytes in words, as exactly as it takes to compare what is small."""
    if count >= 2**30:
        return f"{count / 2**30:.1f} GiB"
    return f"{count / 2**20:.1f} MiB" if count >= 2**20 else f"{count / 2**10:.1f} KiB"


def require_memory(plan: Plan, to_rear: Sequence[PlannedSubject], workers: int, memory: int | None = None) -> None:
    """Refuse a run with a subject that no worker has the memory for, even alone: see `memory.least_bytes`.

    Parameters
    ----------
    memory : int, optional
        Bytes that each worker has of its own; by default they share those of this machine.

    Raises
    ------
    RunError
        With the arm, and what is needed.
    """
    room = memory or machine_bytes(plan.computing.device) // workers
    stimuli = sum(map(environment_bytes, plan.environments.values()))
    seen: set[str] = set()
    for planned in to_rear:
        grown = planned.upbringing
        if grown.key not in seen:
            seen.add(grown.key)
            needed = PROCESS + stimuli + least_bytes(grown, plan.environments[grown.environment])
            if needed > room:
                came = f"{needed / 2**30:.1f} GiB at least while it is reared, and a worker has {room / 2**30:.1f} GiB"
                fewer = "Run with fewer workers, or declare" if workers > 1 and memory is None else "Declare"
                raise RunError(f"a subject of arm {planned.arm!r} takes {came}. {fewer} smaller batches or layers.")


def tight(memory: int, disk: int, device: str, folder: Path) -> Iterator[str]:
    """Say that what is expected, roughly, is more than there is: of memory, or of disk where a folder lies."""
    room, free = machine_bytes(device), shutil.disk_usage(folder).free
    if memory > room:
        yield (
            f"This may need {size(memory)} of memory, and there are {size(room)}: fewer workers, smaller batches or "
            "fewer ages that are kept need less."
        )
    if disk > free:
        yield (
            f"This may need {size(disk)} on disk, and {size(free)} are free where {folder} lies. When the disk is full "
            "a run ends; nothing that is done is lost."
        )


def in_pieces(plan: Plan, to_rear: Sequence[PlannedSubject], workers: int, largest: Mapping[str, int]) -> str:
    """Say that litters are smaller than they would be with more memory; nothing where they are not.

    Parameters
    ----------
    largest : mapping of upbringing's key to int
        Largest litter that fits, from `memory.largest_litters`.
    """
    held = len(cut(to_rear, plan.beginnings, workers, largest))
    free = len(cut(to_rear, plan.beginnings, workers, largest_litters(plan, workers, ENDLESS)))
    return f"So that memory suffices, subjects grow up in {held} litters instead of {free}." if held > free else ""

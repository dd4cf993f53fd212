"""Fitting: whether the disk has room for what is still to be reared, asked before anything is."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from artneuro.errors import RunError
from artneuro.study.memory import weight_bytes
from artneuro.study.plan import Plan
from artneuro.study.planned import PlannedSubject


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
        sizes = f"take {needed / 2**20:.1f} MiB, and {free / 2**20:.1f} MiB are free"
        raise RunError(
            f"{folder}: the weights of {len(to_rear)} subjects {sizes}. "
            "Free some space, keep fewer ages, or choose another disk with --out."
        )

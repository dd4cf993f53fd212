"""What the machine has to give."""

import os
from collections.abc import Iterator
from pathlib import Path

import torch

SHARE = 0.6
"""Share of the machine's memory that a run may plan with; the rest is for all else that runs."""


def machine_bytes(device: str) -> int:
    """Return the memory of the device that is free or, for a CPU, that the machine and its limits allow.

    With `cuda` that of all cards, since workers take them in turn.
    """
    if device == "cuda":
        return sum(torch.cuda.mem_get_info(card)[0] for card in range(torch.cuda.device_count()))
    if torch.device(device).type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([physical, *limits(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup"))])


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def limits(groups: Path, root: Path) -> Iterator[int]:
    """Yield the limits of memory that the control groups of this process set, its own and those around it.

    Parameters
    ----------
    groups : Path
        File that names the groups, a line a hierarchy: ``0::/job/step``, or ``4:memory:/job`` in the older version.
    root : Path
        Where they are mounted. In a container it is often the group itself, and no folder lies where the name says.
    """
    lines = groups.read_text().splitlines() if groups.is_file() else []
    for _, controllers, name in (line.split(":", 2) for line in lines if line.count(":") >= 2):
        if controllers not in ("", "memory"):
            continue
        mounted, file = (root, "memory.max") if not controllers else (root / "memory", "memory.limit_in_bytes")
        own = mounted / name.lstrip("/")
        for group in [own, *own.parents]:
            if group == mounted or mounted in group.parents:
                words = (group / file).read_text().strip() if (group / file).is_file() else "max"
                if words.isdecimal():
                    yield int(words)

"""What the machine has to give."""

import os
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
    limit = Path("/sys/fs/cgroup/memory.max")  # of a container
    words = limit.read_text().strip() if limit.is_file() else "max"
    return physical if words == "max" else min(physical, int(words))

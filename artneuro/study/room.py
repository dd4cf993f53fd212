"""Room: whether a network fits into memory, asked before it is built."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as registration

from artneuro.anatomy.anatomy import Anatomy
from artneuro.environment.environment import Environment
from artneuro.errors import Problem, SpecificationError
from artneuro.study.machine import SHARE, machine_bytes

MOST = 5_000
"""Modules of a network, and tensors of weights, at most; a ResNet of 152 layers has some 500 of each."""


def require_room(anatomy: Anatomy, environment: Environment) -> None:
    """Refuse a network whose weights no memory of this machine holds.

    It is built on torch's device `meta`, where weights have shapes and no values. An anatomy that cannot be built there
    is judged when it is built.

    Raises
    ------
    SpecificationError
        Where there is no room for it, or it has more modules than a network has.
    """
    room = int(SHARE * machine_bytes(str(environment.device)))
    with torch.device("meta"), _counted(room):
        try:
            anatomy.build(environment.shape, len(environment.outputs))
        except (SpecificationError, MemoryError):
            raise
        except Exception:  # it may need values, which there are none of here
            return


@contextmanager
def _counted(room: int) -> Iterator[None]:
    """Count what networks that are built within the block are made of, and stop them where it is too much."""
    modules = tensors = total = 0
    advice = "Declare fewer or smaller layers."

    def another(_: nn.Module, name: str, module: Any) -> None:
        nonlocal modules
        modules += 1
        if modules > MOST:
            raise SpecificationError([Problem("", f"a network of at most {MOST} modules", "more", advice)])

    def more(_: nn.Module, name: str, weights: Any) -> None:
        nonlocal tensors, total
        tensors += 1
        if tensors > MOST:
            raise SpecificationError([Problem("", f"a network of at most {MOST} tensors of weights", "more", advice)])
        total += 0 if weights is None else weights.numel() * weights.element_size()
        if total > room:
            required = f"weights that fit into the memory planned with ({room / 2**30:.1f} GiB)"
            came = f"{total / 2**30:.1f} GiB or more for one subject"
            raise SpecificationError([Problem("", required, came, advice)])

    handles = [
        registration.register_module_module_registration_hook(another),
        registration.register_module_parameter_registration_hook(more),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()

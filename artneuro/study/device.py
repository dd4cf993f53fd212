"""Device: where a study computes, and which of several cards a worker takes."""

import torch

from artneuro.errors import Problem, SpecificationError


def usable(name: str) -> None:
    """Refuse a torch device that cannot be used here.

    Raises
    ------
    SpecificationError
        With the devices that can.

    Examples
    --------
    >>> usable("cpu")
    """
    try:
        torch.zeros(1, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:  # torch raises each, by kind of device
        valid = ["cpu", *(f"cuda:{place}" for place in range(torch.cuda.device_count()))]
        came = f"{name!r} ({str(error).partition(chr(10))[0].partition('. ')[0]})"
        required = "a torch device that can be used here"
        raise SpecificationError([Problem("device", required, came, f"Usable: {', '.join(valid)}.")]) from None


def card(device: str, place: int) -> str:
    """Return the device of a worker: with `cuda` and several cards there, workers take them in turn.

    Parameters
    ----------
    device : str
        As asked for; one with a number, such as ``cuda:1``, is taken by all workers.
    place : int
        Number of the worker, from 0.

    Examples
    --------
    >>> card("cpu", 1), card("cuda:1", 0)
    ('cpu', 'cuda:1')
    """
    cards = torch.cuda.device_count() if device == "cuda" else 0
    return f"cuda:{place % cards}" if cards > 1 else device

"""Device: where a study computes."""

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

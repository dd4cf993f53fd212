"""Which stimuli of a set are used: splits and balanced subsets, drawn from named streams.

A stimulus gets a random key from the stream of its class; those with the smallest keys are taken. So a smaller subset
is part of a larger one of the same seed, and what is drawn of one class does not depend on which others are used.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from artneuro.seeds import Stream


def apportion(counts: Sequence[int], total: int) -> list[int]:
    """Divide `total` over classes in proportion to `counts`, by largest remainders (first come first where equal).

    Examples
    --------
    >>> apportion([10, 10, 5], 5)
    [2, 2, 1]
    """
    whole = sum(counts)
    shares = [divmod(count * total, whole) for count in counts]
    quotas = [quota for quota, _ in shares]
    by_remainder = sorted(range(len(counts)), key=lambda place: -shares[place][1])
    for place in by_remainder[: total - sum(quotas)]:
        quotas[place] += 1
    return quotas


def draw(targets: NDArray[np.int64], quotas: Sequence[int], names: Sequence[str], stream: Stream) -> NDArray[np.int64]:
    """Return the positions of `quotas[k]` stimuli of each class k, ascending.

    Parameters
    ----------
    targets : array, shape (stimulus,)
        Class of each stimulus.
    quotas : sequence of int
        How many of each class; at most as many as there are.
    names : sequence of str
        Names of the classes; each has its own stream.
    """
    chosen = []
    for number, (quota, name) in enumerate(zip(quotas, names, strict=True)):
        members = np.flatnonzero(targets == number)
        keys = stream.child(name).numpy().random(len(members))
        chosen.append(members[np.argsort(keys, kind="stable")[:quota]])
    return np.sort(np.concatenate(chosen))


def split(
    targets: NDArray[np.int64], held_out: int, names: Sequence[str], stream: Stream
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide stimuli into training and test, with the same share of each class in both as near as can be.

    Returns
    -------
    train, test : arrays of int
        Positions, ascending; `test` has `held_out` of them.

    Examples
    --------
    >>> train, test = split(np.array([0, 0, 0, 0, 1, 1, 1, 1]), 2, ["a", "b"], Stream(0))
    >>> len(train), [int(position) // 4 for position in test]
    (6, [0, 1])
    """
    counts = np.bincount(targets, minlength=len(names)).tolist()
    test = draw(targets, apportion(counts, held_out), names, stream)
    return np.setdiff1d(np.arange(len(targets)), test), test

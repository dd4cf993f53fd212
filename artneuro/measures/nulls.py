"""Null graphs: what a network would be that had the same degrees and nothing else in common.

Maslov and Sneppen 2002, arXiv cond-mat/0205380. That exchanges alone do not reach every directed graph, and that
turning circles of three does the rest: Rao, Jana and Bandyopadhyay 1996, Sankhya A 58, 225.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from artneuro.errors import Problem, SpecificationError
from artneuro.measures.graph import binarised, is_directed
from artneuro.seeds import Stream


def rewired(weights: ArrayLike, stream: Stream, attempts: float = 10.0) -> NDArray[np.bool_]:
    """Draw a random graph in which every unit has as many connections as before, in and out.

    Two connections are drawn, ``a -> b`` and ``c -> d``, and exchange their ends, ``a -> d`` and ``c -> b``, unless one
    of these exists or joins a unit with itself; then all stays as it is. Where the second connection begins at the end
    of the first and ``d -> a`` closes the circle, the circle turns round. Each step is as likely as its reverse, so in
    the long run every graph of these degrees is equally likely. An undirected graph stays undirected. Where more than
    half of the possible connections exist, those that do not are rewired, which is the same and faster.

    Parameters
    ----------
    weights : array, shape (unit, unit)
        Weights, from row to column; what is not 0 is a connection.
    stream : Stream
        Randomness of the draws.
    attempts : float, > 0
        Draws for each connection. With 10, each connection is drawn 20 times on average.

    Returns
    -------
    array, shape (unit, unit), bool
        Degrees, incoming and outgoing, are those of `weights`, exactly; so is the density.

    Raises
    ------
    SpecificationError
        Where the weights are no graph (see `strengths`), or `attempts` is not positive.

    Examples
    --------
    >>> ring = np.roll(np.eye(9, dtype=int), 1, axis=1)
    >>> null = rewired(ring, Stream(0).child("null"))
    >>> null.sum(axis=0).tolist() == null.sum(axis=1).tolist() == [1] * 9
    True
    """
    exists = binarised(weights)
    if not attempts > 0:
        raise SpecificationError([Problem("attempts", "a number > 0", repr(attempts))])
    n = len(exists)
    other = ~np.eye(n, dtype=bool)
    if exists.sum() > n * (n - 1) / 2:
        return other & ~_exchanged(other & ~exists, stream, attempts)
    return _exchanged(exists, stream, attempts)


def degree_preserving_nulls(weights: ArrayLike, stream: Stream, count: int = 100) -> NDArray[np.bool_]:
    """Draw several independent graphs by `rewired`, each from the given network.

    Returns
    -------
    array, shape (null, unit, unit), bool

    Examples
    --------
    >>> degree_preserving_nulls([[0, 1, 0], [1, 0, 1], [0, 1, 0]], Stream(0), count=4).shape
    (4, 3, 3)
    """
    if count < 1:
        raise SpecificationError([Problem("count", "a whole number >= 1", repr(count))])
    return np.stack([rewired(weights, stream.child(number)) for number in range(count)])


def require_same_degrees(weights: ArrayLike, nulls: NDArray[np.bool_]) -> None:
    """Refuse nulls that are not of this network's degrees; nulls of another density make any network look special.

    Raises
    ------
    SpecificationError
        Where the shape is another, or some unit has more or fewer connections than in the network.
    """
    exists = binarised(weights)
    required = "nulls of the network's own degrees"
    if nulls.ndim != 3 or nulls.shape[1:] != exists.shape or not len(nulls):
        came, n = f"shape {nulls.shape}", len(exists)
        raise SpecificationError([Problem("nulls", f"{required}, shape (null, {n}, {n})", came)])
    for axis, way in ((0, "incoming"), (1, "outgoing")):
        differ = (nulls.sum(axis=axis + 1) != exists.sum(axis=axis)).any(axis=0)
        if differ.any():
            came = f"{np.count_nonzero(differ)} units with another number of {way} connections"
            raise SpecificationError([Problem("nulls", required, came, "Draw them with `degree_preserving_nulls`.")])


def _exchanged(exists: NDArray[np.bool_], stream: Stream, attempts: float) -> NDArray[np.bool_]:
    directed = is_directed(exists)
    begins, ends = (line.tolist() for line in np.nonzero(exists if directed else np.triu(exists)))
    n, count = len(exists), len(begins)
    if count < 2:
        return exists
    rng = stream.numpy()
    steps = int(np.ceil(attempts * count))
    draws = rng.integers(count, size=(2, steps)).tolist()
    turned = [False] * steps if directed else (rng.random(steps) < 0.5).tolist()
    there = bytearray(exists.astype(np.uint8).tobytes())  # a byte each: many times faster to look up than an array
    line_of = {(a, b): line for line, (a, b) in enumerate(zip(begins, ends, strict=True))} if directed else {}
    for first, second, turn in zip(*draws, turned, strict=True):
        a, b, c, d = begins[first], ends[first], begins[second], ends[second]
        if turn:
            c, d = d, c
        if directed and b == c:
            third = line_of.get((d, a))
            if third is None or there[b * n + a] or there[d * n + b] or there[a * n + d]:
                continue
            for line, (old, new) in {
                first: ((a, b), (b, a)),
                second: ((b, d), (d, b)),
                third: ((d, a), (a, d)),
            }.items():
                there[old[0] * n + old[1]], there[new[0] * n + new[1]] = 0, 1
                del line_of[old]
                line_of[new] = line
                begins[line], ends[line] = new
            continue
        if a == d or b == c or there[a * n + d] or there[c * n + b]:
            continue
        there[a * n + b] = there[c * n + d] = 0
        there[a * n + d] = there[c * n + b] = 1
        if directed:
            del line_of[a, b], line_of[c, d]
            line_of[a, d], line_of[c, b] = first, second
        else:
            there[b * n + a] = there[d * n + c] = 0
            there[d * n + a] = there[b * n + c] = 1
            begins[second] = c
        ends[first], ends[second] = d, b
    return np.frombuffer(there, dtype=np.uint8).reshape(n, n).astype(bool)

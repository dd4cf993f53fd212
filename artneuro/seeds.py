"""Randomness: one root seed, many independent named streams. The only maker of random generators."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import attrs
import numpy as np
import torch


@attrs.frozen
class Stream:
    """A named source of randomness.

    The same root and path give the same numbers on every machine; different paths give independent numbers, whatever
    else was drawn before. A stream has no state: each generator made from it starts at its beginning.

    Parameters
    ----------
    root : int
        The root seed, usually the seed of a subject.
    path : tuple of str
        What the numbers are for.

    Examples
    --------
    >>> birth = Stream(0).child("birth")
    >>> bool(birth.numpy().random() == birth.numpy().random())
    True
    >>> bool(birth.numpy().random() == Stream(0).child("order").numpy().random())
    False
    """

    root: int
    path: tuple[str, ...] = ()

    def child(self, *names: str | int) -> "Stream":
        """Return the stream for a narrower purpose, such as ``child("order", epoch)``."""
        return Stream(self.root, self.path + tuple(str(name) for name in names))

    def entropy(self) -> int:
        """Return 128 bits that identify root and path."""
        text = "\x1f".join((str(self.root), *self.path))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")

    def numpy(self) -> np.random.Generator:
        """Return a NumPy generator at the beginning of this stream."""
        return np.random.Generator(np.random.PCG64(self.entropy()))

    def torch(self, device: torch.device | str = "cpu") -> torch.Generator:
        """Return a torch generator at the beginning of this stream."""
        return torch.Generator(device).manual_seed(self.entropy() >> 65)

    @contextmanager
    def initialising(self) -> Iterator[None]:
        """Seed torch's global generator for the block and restore it after; torch's initialisers take no generator."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.entropy() >> 65)
            yield

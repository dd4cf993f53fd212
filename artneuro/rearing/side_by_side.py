"""Litters side by side: on several threads, each of which computes with as many as are declared, so that nothing of
a result depends on how many there are.
"""

import threading
import typing
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

import torch


class Grows(typing.Protocol):
    """Something that can be alive."""

    @property
    def growing(self) -> bool:
        """Whether there is another epoch to come."""


G = TypeVar("G", bound=Grows)


@contextmanager
def computing_with(threads: int) -> Iterator[int]:
    """Compute with so many threads within the block, and give how many times that is possible side by side."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield max(1, before // threads)
    finally:
        torch.set_num_threads(before)


def grow(litters: Sequence[G], epoch: Callable[[G, threading.Event], None], workers: int) -> Generator[G]:
    """Let litters grow up side by side, and yield each of them whenever it has completed an epoch.

    Parameters
    ----------
    litters : sequence
        They know themselves whether they are still growing.
    epoch : callable
        Lets a litter live through an epoch; it should give up soon once the event is set.
    workers : int
        How many at a time. They take turns, so that all end at about the same time.
    """
    stop = threading.Event()
    if min(workers, len(litters)) == 1:
        waiting = [litter for litter in litters if litter.growing]
        while waiting:
            for litter in waiting:
                epoch(litter, stop)
                yield litter
            waiting = [litter for litter in waiting if litter.growing]
        return
    threads = torch.get_num_threads()
    with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(threads,)) as pool:
        try:
            lives = {pool.submit(epoch, litter, stop): litter for litter in litters if litter.growing}
            while lives:
                for done in wait(lives, return_when=FIRST_COMPLETED).done:
                    litter = lives.pop(done)
                    done.result()
                    if litter.growing:
                        lives[pool.submit(epoch, litter, stop)] = litter
                    yield litter
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)

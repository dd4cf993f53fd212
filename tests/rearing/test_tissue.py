"""What litters on several threads have in common."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

import artneuro as an
from artneuro.rearing.tissue import Body


@pytest.fixture(scope="module")
def place():
    return an.environment("digits", train_size=50, test_size=20)


def test_litters_on_several_threads_find_the_same_wiring(place):
    """Hooks that two threads set on one network would see each other's passes."""
    anatomy = an.anatomy("tran_cnn", channels=(3,), widths=(6,))
    threads = 4
    for _ in range(5):
        body = Body(anatomy, place, an.Subject.naive(anatomy, place, seed=0).model())
        ready = Barrier(threads)

        def find(thread, body=body, ready=ready):
            ready.wait()
            return body.wiring("hidden1")

        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(find, range(threads)))
        assert all(each is found[0] for each in found)
        assert not any(module._forward_hooks for module in body.model.modules())


def test_a_site_that_is_not_there_is_named(place):
    anatomy = an.anatomy("mlp", widths=(6,))
    body = Body(anatomy, place, an.Subject.naive(anatomy, place, seed=0).model())
    with pytest.raises(an.ArtneuroError, match="hidden9"):
        body.wiring("hidden9")

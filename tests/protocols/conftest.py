"""What the tests of protocols share: small subjects that can read digits, each reared once."""

import json
from collections.abc import Callable
from typing import Any

import pytest

import artneuro as an


@pytest.fixture(scope="session")
def able() -> Callable[..., an.Subject]:
    """Rear a small subject on a few digits: it names most test stimuli right, and some wrong."""
    digits = an.environment("digits", train_size=300, test_size=150)
    known: dict[str, an.Subject] = {}

    def make(name: str = "mlp", seed: int = 0, **parameters: Any) -> an.Subject:
        key = json.dumps([name, seed, parameters])
        if key not in known:
            naive = an.Subject.naive(an.anatomy(name, **parameters), digits, seed)
            rearing = an.Rearing(epochs=12, batch=20, optimizer={"adam": {"lr": 0.01}})
            known[key] = an.rear(naive, digits, rearing)
        return known[key]

    return make

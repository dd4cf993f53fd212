"""In words: what is declared is said, what is at its default is not."""

import pytest

from artneuro.anatomy.mlp import MLP
from artneuro.rearing.rearing import Rearing
from artneuro.study.in_words import in_words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "none"),
        (True, "yes"),
        (0.1 + 0.2, "0.3"),
        (7, "7"),
        ("test", "test"),
        ((1, 2), "1, 2"),
        ((), ""),
        ({"a": 1, "b": (2.5, None)}, "a: 1; b: 2.5, none"),
    ],
)
def test_plain_values(value, words):
    assert in_words(value) == words


def test_a_registered_specification_has_its_name():
    assert in_words(MLP(widths=(64, 32))) == "mlp (widths 64, 32)"
    assert in_words((MLP(), MLP())) == "mlp; mlp"


def test_what_is_at_its_default_is_left_out():
    assert in_words(Rearing()) == "as by default"
    assert in_words(Rearing(epochs=3, optimizer={"adam": {"lr": 0.01}})) == "epochs 3; optimizer adam (lr 0.01)"

"""In words: every value is said, declared or not; what is not done at all is not."""

import pytest

from artneuro.anatomy.mlp import MLP
from artneuro.protocols.lesion_study import LesionStudy
from artneuro.protocols.neurogenesis import Neurogenesis
from artneuro.rearing.label_corruption import LabelCorruption
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.schedule import Constant
from artneuro.rearing.turnover import Turnover
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
        ((), "none"),
        ({"a": 1, "b": (2.5, None)}, "a: 1; b: 2.5, none"),
    ],
)
def test_plain_values(value, words):
    assert in_words(value) == words


def test_a_registered_specification_has_its_name():
    assert in_words(MLP(widths=(64, 32))) == "mlp (widths 64, 32; activation relu; dropout 0)"
    assert in_words((Constant(), Constant())) == "constant; constant"


def test_a_methods_section_can_be_written_from_the_defaults():
    assert in_words(Rearing()) == (
        "epochs 20; batch 128; optimizer sgd (lr 0.1; momentum 0.9; weight decay 0); schedule constant; "
        "loss cross_entropy; label smoothing 0; precision float32; evaluate every 1; threads 1"
    )
    words = in_words(LesionStudy(site="hidden2"))
    for part in ("order random", "clamp zero", "fractions 21", "repeats 10", "stimuli test", "what units"):
        assert part in words


def test_what_is_not_done_is_left_out_only_where_that_is_the_default():
    assert in_words(LabelCorruption(fraction=0.5)) == "LabelCorruption (fraction 0.5; how permuted)"
    late = in_words(LabelCorruption(fraction=0.5, window={"onset": 3}))
    assert late == "LabelCorruption (fraction 0.5; how permuted; window (onset 3))"
    assert "single no" in in_words(LesionStudy(site="hidden2", single=False))
    assert "augmentation (translate 2)" in in_words(Rearing(augmentation={"translate": 2}))


def test_one_specification_apart_from_another():
    longer = Rearing(epochs=60, batch=64)
    assert in_words(longer, apart_from=Rearing()) == "epochs 60; batch 64"
    assert in_words(MLP(widths=(64, 32)), apart_from=Rearing()) == "mlp (widths 64, 32; activation relu; dropout 0)"
    assert in_words(MLP(batch_norm=False), apart_from=MLP(batch_norm=True)) == "mlp (batch norm no)"


def test_parameters_that_are_mappings_by_default_are_said_too():
    words = in_words(Neurogenesis(turnover=Turnover(site="hidden2", count=2, every=5)))
    assert "dropout: Dropout (rate 0.2" in words
    assert "Turnover (site hidden2; count 2" in words

"""The declaration of rearing."""

import json

import pytest

from artneuro.errors import SpecificationError
from artneuro.fields import conform
from artneuro.rearing import SGD, Adam, Augmentation, MultiStep, Rearing


def test_it_round_trips_through_plain_data():
    rearing = Rearing(
        epochs=3,
        batch=7,
        optimizer=Adam(lr=0.01),
        schedule=MultiStep(at=(1, 2)),
        augmentation=Augmentation(flip=True),
        keep=(0, 2),
        threads=2,
    )
    assert conform(json.loads(json.dumps(rearing.plain())), Rearing) == rearing


def test_a_file_names_optimiser_and_schedule():
    rearing = conform({"optimizer": {"sgd": {"lr": 0.5}}, "schedule": {"step": {"every": 2}}}, Rearing)
    assert rearing.optimizer == SGD(lr=0.5)
    assert rearing.schedule.factor(2, 4) == 0.1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"keep": (3,), "epochs": 2}, r"Rearing.keep: required ages up to `epochs`, 2; came \[3\]. Raise `epochs`"),
        ({"batch": 0}, "Rearing.batch: required a whole number >= 1; came 0"),
        ({"precision": "float16"}, "Rearing.precision: required one of float32, bfloat16, float64; came 'float16'"),
        ({"label_smoothing": 1.5}, "Rearing.label_smoothing: required a number between 0 and 1"),
        (
            {"label_smoothing": 0.1, "loss": "mean_square"},
            "Rearing.label_smoothing: required 0, with `loss: mean_square`",
        ),
        ({"evaluate_every": 3, "epochs": 10}, "Rearing.evaluate_every: required a divisor of `epochs`, 10; came 3"),
        (
            {"evaluate_every": 5, "epochs": 10, "keep": (4,)},
            r"keep: required ages at which .* multiples of 5; came \[4\]",
        ),
        ({"threads": 0}, "Rearing.threads: required a whole number between 1 and 1024"),
        ({"augmentation": {"translate": -1}}, "Rearing.augmentation.translate: required a whole number >= 0"),
    ],
)
def test_what_makes_no_sense_is_refused(parameters, message):
    with pytest.raises(SpecificationError, match=message):
        Rearing(**parameters)

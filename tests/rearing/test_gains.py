import numpy as np
import xarray as xr

from artneuro.rearing import gains
from artneuro.rearing.history import history
from artneuro.rearing.rearing import Rearing

ROUNDS = np.array([[0, 5, 2.5], [1, 10, 0.25], [1, 15, 0.0]])


def test_what_is_written_into_a_history_is_read_from_it():
    row = dict.fromkeys(
        ["train_loss", "train_accuracy", "test_loss", "test_accuracy", "learning_rate", "updates", "wall_time"], 1.0
    )
    bare = history([row, row], 0, Rearing(epochs=2), classes=True)
    whole = gains.written_into(bare, ROUNDS)
    assert gains.of(whole).tolist() == ROUNDS.tolist()
    assert whole.swap_step.dtype == np.int64
    assert whole.drop_dims("swap_round").identical(bare)


def test_where_no_unit_could_change_places_nothing_is_written():
    bare = xr.Dataset()
    assert gains.written_into(bare, gains.of(bare)) is bare
    assert gains.of(bare).shape == (0, 3)


def test_rounds_are_cut_at_an_age_and_joined():
    assert gains.upto(ROUNDS, 1).tolist() == [[0, 5, 2.5]]
    assert gains.joined([ROUNDS[:1], ROUNDS[1:]]).tolist() == ROUNDS.tolist()

"""Learning curves: training and test side by side on one scale, without those who diverged."""

import numpy as np

from artneuro.figures import learning_curve


def test_training_and_test_stand_side_by_side_on_one_scale(history):
    record = history(n=2)
    train, test = learning_curve(record, "loss").axes
    assert (train.get_title(), test.get_title()) == ("stimuli: train", "stimuli: test")
    assert train.get_ylim() == test.get_ylim()
    assert train.get_ylabel() == "Loss (nat)"
    for ax, name in ((train, "train_loss"), (test, "test_loss")):
        np.testing.assert_allclose(ax.lines[0].get_ydata(), record[name].values[:2].mean(0), rtol=1e-12)


def test_those_who_diverged_are_left_out(history):
    record = history(n=4)
    sound = record["test_accuracy"].values[[0, 1, 3]].mean(0)
    np.testing.assert_allclose(learning_curve(record).axes[1].lines[0].get_ydata(), sound, rtol=1e-12)


def test_one_who_stopped_early_counts_while_it_has_values(history):
    record = history(arms=["clean"], n=2).copy(deep=True)
    record["test_accuracy"][1, 6:] = np.nan
    drawn = learning_curve(record).axes[1].lines[0].get_ydata()
    values = record["test_accuracy"].values
    np.testing.assert_allclose(drawn[:6], values[:, :6].mean(0), rtol=1e-12)
    np.testing.assert_allclose(drawn[6:], values[0, 6:], rtol=1e-12)


def test_epochs_are_whole(history):
    figure = learning_curve(history(epochs=3))
    figure.canvas.draw()
    shown = [tick.get_loc() for tick in figure.axes[0].xaxis.get_major_ticks()]
    assert all(float(place).is_integer() for place in shown)

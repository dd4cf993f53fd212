"""Mazes of one choice."""

from artneuro.environment import environment
from artneuro.environment.mazes import STEPS


def test_the_right_step_leads_towards_the_goal_and_the_other_away():
    place = environment("mazes", noise=0.0, train_size=16, test_size=8, goal=2, delay=1, choice=3)
    assert place.shape == (1, 6, 8)
    corners = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
    names, met = list(STEPS), set()
    for image, target, x, y in zip(
        place.train.images[:, 0], place.train.targets.tolist(), *place.train.quantities.values(), strict=True
    ):
        shown = corners[int(image[0, :4].argmax())]
        assert shown == (x.item(), y.item())
        assert image[2].abs().sum() == 0
        assert image[3:, :4].abs().sum() == 0 == image[:2, 4:].abs().sum()
        offered = [names[number] for number in range(4) if image[4, 4 + number] == 1]
        towards = [name for name in offered if STEPS[name][0] * shown[0] + STEPS[name][1] * shown[1] > 0]
        assert len(offered) == 2
        assert towards == [names[target]]
        met.add((shown, *offered))
    assert len(met) == 8


def test_noise_is_as_strong_as_declared():
    place = environment("mazes", train_size=400, test_size=8)
    rest = place.train.images[:, 0, 20:30]
    assert abs(float(rest.std()) - 0.05) < 0.001  # 32,000 numbers: a standard error of 0.0002

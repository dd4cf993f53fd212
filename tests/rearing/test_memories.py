"""What interventions remember of a subject goes where the subject goes."""

from typing import final

import pytest
import torch

from artneuro.fields import define_spec, param
from artneuro.rearing import Dropout, Rearing, Structural, Turnover, Window
from artneuro.rearing.beginnings import Course, rear_courses
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.rear import rear, rear_litter, rear_up_to

REARING = Rearing(epochs=4, batch=16)


@final
@define_spec
class Habit(Structural):
    """Moves a bias by how often it has acted on this subject, and by what this subject was born with."""

    window: Window = param(Window(), doc="when it acts")

    def memory(self, body, stream):
        return {"often": torch.zeros(()), "born": torch.tensor(stream.child("born").numpy().random())}

    def restructure(self, tissue, clock, streams):
        tissue.memory["often"] += 1
        tissue.parameters["hidden1.bias"] += (0.001 * tissue.memory["often"] * tissue.memory["born"]).unsqueeze(1)
        return ()


def test_what_is_remembered_is_each_subjects_own_and_outlives_pauses_and_litters(naive, same, tmp_path):
    subjects = naive("mlp", seeds=range(4), widths=(4,))
    whole = rear_litter(subjects, REARING, [Habit()])
    paused = rear_up_to(1, subjects, REARING, [Habit()])
    assert [juvenile.memory[0]["often"].item() for juvenile in paused] == [5.0] * 4
    assert len({juvenile.memory[0]["born"].item() for juvenile in paused}) == 4
    paused[3].save(tmp_path / "it")
    paused[3] = Juvenile.load(tmp_path / "it", subjects[3])
    again = rear_up_to(3, paused[2:], REARING, [Habit()])
    for one, other in zip(rear_litter([*again, *paused[:2]], REARING, [Habit()]), whole[2:] + whole[:2], strict=True):
        assert same(one.weights, other.weights)


def test_a_new_rearing_of_an_adult_begins_with_a_new_memory(naive):
    (subject,) = naive("mlp", widths=(4,))
    adult = rear(subject, subject.environment, Rearing(epochs=1, batch=16), [Habit()])
    (paused,) = rear_up_to(1, [adult], REARING, [Habit()])
    assert paused.memory[0]["often"].item() == 5.0


def test_an_intervention_that_has_not_acted_leaves_its_place_to_others(naive):
    late = Habit(window=Window(onset=2))
    (subject,) = naive("mlp", widths=(4,))
    assert rear_up_to(2, [subject], REARING, [late])[0].memory == {}
    assert set(rear_up_to(3, [subject], REARING, [late])[0].memory) == {0}


@pytest.mark.parametrize("body", ["mlp", "tran_cnn"])
def test_courses_that_share_a_beginning_and_part_are_those_reared_apart(naive, same, body):
    parameters = {"widths": (6,)} if body == "mlp" else {"channels": (3,), "widths": (6,)}
    subjects = naive(body, seeds=(0, 1), **parameters)
    once, late = Window(offset=2), Window(onset=2)
    young = Turnover(site="hidden1", count=1, every=3, choice="age", excitability=2.0)
    courses = [
        Course(REARING, (young, Turnover(site="hidden1", count=2, every=4, window=late))),
        Course(
            REARING, (young.but(window=once), Turnover(site="hidden1", count=1, every=4, mode="prune", window=late))
        ),
        Course(REARING, (young, Dropout(rate=0.5, window=late))),
        Course(REARING, (young,)),
    ]
    for course, adults in zip(courses, rear_courses(subjects, courses), strict=True):
        apart = rear_litter(subjects, course.rearing, course.interventions)
        for one, other in zip(adults, apart, strict=True):
            assert same(one.weights, other.weights)
            assert one.history.event_step.values.tolist() == other.history.event_step.values.tolist()
            assert one.history.unit_age.values.tolist() == other.history.unit_age.values.tolist()

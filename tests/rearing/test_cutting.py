"""How subjects become litters."""

import attrs
import pytest

from artneuro.rearing import Rearing, cutting
from artneuro.rearing.juvenile import Juvenile


def cut(subjects, *how, **more):
    return cutting.cut([Juvenile.at_beginning(subject) for subject in subjects], *how, **more)


def sizes(litters):
    return sorted(len(places) for _, places in litters)


def test_every_subject_is_in_one_litter_of_its_kind(naive):
    mlps, cnns = (
        naive("mlp", seeds=range(3), widths=(4,)),
        naive("tran_cnn", seeds=range(2), channels=(4,), widths=(4,)),
    )
    wider = naive("mlp", seeds=range(2), widths=(5,))
    subjects = [mlps[0], cnns[0], wider[0], mlps[1], cnns[1], wider[1], mlps[2]]
    litters = cut(subjects, Rearing(epochs=1), (), workers=1)
    assert sorted(place for _, places in litters for place in places) == list(range(7))
    assert sorted(places for _, places in litters) == [[0, 3, 6], [1], [2, 5], [4]]  # convolutions one by one
    for litter, places in litters:
        assert [life.adult("").seed for life in litter.lives] == [subjects[place].seed for place in places]


@pytest.mark.parametrize(
    ("workers", "batch", "expected"), [(1, 4096, [8]), (2, 4096, [4, 4]), (3, 4096, [2, 3, 3]), (8, 1, [8])]
)
def test_large_litters_are_shared_out_and_small_ones_are_not_worth_it(naive, workers, batch, expected):
    subjects = naive("mlp", seeds=range(8), widths=(512, 512))
    assert sizes(cut(subjects, Rearing(epochs=1, batch=batch), (), workers)) == expected


def test_subjects_of_other_ages_and_places_are_apart(naive, few):
    young, old = naive("mlp", seeds=range(2), widths=(4,))
    old = attrs.evolve(old, ages={3: old.weights})
    elsewhere = attrs.evolve(young, environment=attrs.evolve(few))
    assert sizes(cut([young, old, elsewhere], Rearing(epochs=1), (), 1)) == [1, 1, 1]

import attrs
import torch

from artneuro.anatomy import MLP
from artneuro.environment.digits import Digits
from artneuro.rearing.beginnings import Course
from artneuro.rearing.dropout import Dropout
from artneuro.rearing.rearing import Rearing
from artneuro.study.upbringing import Computing, Upbringing
from artneuro.subject import Subject


def upbringing(environment, computing=None):
    newborn = Subject.naive(MLP(widths=(4,)), environment, seed=0)
    return Upbringing.of(newborn, Rearing(epochs=1), (), computing or Computing())


def test_stimuli_count_and_not_how_they_were_come_by():
    digits = Digits().load()
    other_words = attrs.evolve(digits, source=Digits(held_out=400))
    assert upbringing(digits).key == upbringing(other_words).key
    assert upbringing(digits).key != upbringing(Digits(held_out=400).load()).key


def test_one_gpu_or_another_is_the_same_way_of_computing():
    assert Computing("cuda:0").measuring() == Computing("cuda:1").measuring()
    assert Computing("cpu").rearing() != Computing("cuda").rearing()


def test_a_version_of_torch_is_a_way_of_computing(monkeypatch):
    digits = Digits().load()
    before = upbringing(digits).key
    facts = {"torch": "99.0", "numpy": "2.0", "scipy": "1.0"}
    monkeypatch.setattr("artneuro.study.upbringing.records.environment_facts", lambda: facts)
    assert upbringing(digits).key != before


def test_another_upbringing_of_the_same_newborns_is_what_it_would_be_by_itself():
    digits, longer = Digits().load(), Course(Rearing(epochs=7), (Dropout(rate=0.5),))
    newborn = Subject.naive(MLP(widths=(4,)), digits, seed=0)
    by_itself = Upbringing.of(newborn, longer.rearing, longer.interventions, Computing())
    assert upbringing(digits).another(longer, Computing()) == by_itself
    assert by_itself.key != upbringing(digits).key


def test_newborn_subjects_are_twins_across_arms():
    digits = Digits().load()
    a, b = (upbringing(digits).naive(3, arm, digits) for arm in "ab")
    assert (a.id, b.id) == ("a-3", "b-3")
    assert all(torch.equal(a.weights[name], b.weights[name]) for name in a.weights)

import copy
import inspect
import json
import pickle
from abc import ABC
from typing import Literal, final

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artneuro.errors import Problem, SpecificationError
from artneuro.fields import (
    Spec,
    between,
    build,
    conform,
    define_spec,
    each,
    ge,
    gt,
    param,
    plain,
    shown,
    some,
    words,
)
from artneuro.registry import family, register


@family("test organ")
class Organ(Spec, ABC):
    pass


@final
@register("heart")
@define_spec
class Heart(Organ):
    rate: float = param(60.0, units="1/min", doc="beats", check=gt(0))


@final
@define_spec
class Body(Spec):
    name: str = param(doc="what it is called")
    organs: tuple[Organ, ...] = param((), doc="what is inside")
    limbs: int = param(4, doc="number", check=between(0, 8))
    kind: Literal["mammal", "bird"] = param("mammal", doc="class")
    widths: tuple[int, ...] | int = param(3, doc="one or several")
    weights: dict[str, float] = param(attrs.Factory(dict), doc="by part")
    mother: "Body | None" = param(None, doc="where it came from")
    hungry: bool = param(False, doc="state")

    def problems(self):
        if self.kind == "bird" and self.limbs != 2:
            yield Problem("limbs", "2 for a bird", str(self.limbs))


def refusal(call, *arguments, **named):
    with pytest.raises(SpecificationError) as raised:
        call(*arguments, **named)
    return {problem.where: problem for problem in raised.value.problems}


def test_python_and_plain_data_make_equal_specifications():
    made = Body(name="cat", organs=[Heart(rate=180)], widths=[1, 2], mother={"name": "old cat"}, weights={"tail": 1})
    read = build(Body, json.loads(json.dumps(made.plain())))
    assert made == read
    assert made.organs == (Heart(rate=180.0),)
    assert made.mother == Body(name="old cat")
    assert made.weights == {"tail": 1.0}


def test_all_problems_are_found_at_once_each_at_its_place():
    found = refusal(
        build,
        Body,
        {"organs": [{"heart": {"rate": -1}}, {"haert": {}}, 3], "limbs": "four", "kind": "brid", "hungy": True},
    )
    assert set(found) == {"name", "organs[0].heart.rate", "organs[1]", "organs[2]", "limbs", "kind", "hungy"}
    assert "a number > 0" in str(found["organs[0].heart.rate"])
    assert 'Did you mean "heart"' in found["organs[1]"].advice
    assert 'Did you mean "bird"' in found["kind"].advice
    assert 'Did you mean "hungry"' in found["hungy"].advice
    assert "what it is called" in found["name"].required


def test_constructor_refuses_in_the_same_words():
    found = refusal(Body, name=3, limbs=9)
    assert found["Body.limbs"].required == "a whole number between 0 and 8"
    assert set(found) == {"Body.name", "Body.limbs"}


def test_constructor_refuses_unknown_and_missing_names_as_a_file_is_answered():
    given = {"hungy": True, "limbs": 9, "organs": [{"haert": {}}]}
    found, read = refusal(Body, **given), refusal(build, Body, given)
    assert set(found) == {"Body.name", "Body.hungy", "Body.limbs", "Body.organs[0]"}
    assert set(found) == {f"Body.{where}" for where in read}
    assert 'Did you mean "hungry"? Valid: ' in found["Body.hungy"].advice
    assert found["Body.name"].came == "nothing"
    with pytest.raises(SpecificationError, match="hungy"):
        attrs.evolve(Body(name="cat"), hungy=True)


def test_the_constructor_shows_its_parameters_and_copies_come_out_equal():
    assert list(inspect.signature(Body).parameters) == [field.name for field in attrs.fields(Body)]
    body = Body(name="cat", mother={"name": "old cat"})
    assert pickle.loads(pickle.dumps(body)) == copy.deepcopy(body) == attrs.evolve(body) == body.but() == body


def test_requirements_between_fields():
    assert refusal(build, Body, {"name": "owl", "kind": "bird"})["limbs"].required == "2 for a bird"
    assert refusal(Body, name="owl", kind="bird")["Body.limbs"].came == "4"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, int),
        (1.5, int),
        ("1", int),
        (float("nan"), float),
        (float("inf"), float),
        ("x", bool),
        (1, bool),
        (1, str),
    ],
)
def test_types_are_not_bent(value, kind):
    assert "" in refusal(conform, value, kind)


def test_numbers_of_other_kinds_are_taken():
    assert conform(np.int64(3), int) == 3
    assert type(conform(np.int64(3), int)) is int
    assert type(conform(3, float)) is float


def test_fixed_length_and_text_are_not_sequences_of_anything():
    assert conform([1, 2], tuple[float, float]) == (1.0, 2.0)
    assert "" in refusal(conform, [1], tuple[float, float])
    assert "" in refusal(conform, "ab", tuple[str, ...])


def test_union_tells_where_the_nearest_option_failed():
    assert "[1]" in refusal(conform, [1, "x"], tuple[int, ...] | int)


def test_member_by_name_alone_and_with_wrong_parameters():
    assert conform("heart", Organ) == Heart()
    assert conform({"heart": None}, Organ) == Heart()
    assert "heart" in refusal(conform, {"heart": [1]}, Organ)
    assert "" in refusal(conform, {"heart": {}, "lung": {}}, Organ)


def test_a_member_where_only_that_one_fits_needs_no_name_and_may_have_it():
    assert conform({"rate": 50}, Heart) == conform({"heart": {"rate": 50}}, Heart) == Heart(rate=50)
    assert conform(Heart().named(), Heart) == Heart()
    assert refusal(conform, {"rate": 0}, Heart)["rate"].required == "a number > 0"


def test_frozen_keyword_only_and_hashable_by_value():
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Heart().rate = 2
    with pytest.raises(TypeError):
        Heart(60)
    assert len({Heart(), Heart(rate=60)}) == 1


def test_checks_say_what_they_want():
    assert (ge(1).words, gt(0).words, some().words) == (">= 1", "> 0", "not empty")
    assert words(tuple[int, ...], each(ge(1))) == "a list of (a whole number) each >= 1"
    assert not some().holds(())
    assert each(ge(1)).holds((1, 2))
    assert not each(ge(1)).holds((1, 0))


def test_unregistered_members_have_no_name():
    with pytest.raises(TypeError, match="not registered"):
        Body(name="cat").named()
    assert Heart().named() == {"heart": {"rate": 60.0}}


def test_long_values_are_shortened():
    assert len(shown("x" * 1000)) == 80


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.dictionaries(st.sampled_from([field.name for field in attrs.fields(Body)]) | st.text(), JSON))
def test_any_plain_data_gives_a_specification_or_a_sentence(data):
    try:
        body = build(Body, data)
    except SpecificationError as error:
        assert error.problems
    else:
        assert build(Body, plain(body)) == body

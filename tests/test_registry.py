from abc import ABC

import pytest

from artneuro import registry
from artneuro.errors import SpecificationError


@registry.family("test beast")
class Beast(ABC):
    pass


@registry.register("cat")
class Cat(Beast):
    pass


def test_a_name_leads_to_its_class_and_back():
    assert registry.find("test beast", "cat") is Cat
    assert registry.name_of(Cat) == "cat"
    assert registry.family_of(Beast) == "test beast"
    assert "test beast" in registry.families()
    assert dict(registry.members("test beast")) == {"cat": Cat}


def test_a_wrong_name_is_answered_with_the_nearest():
    with pytest.raises(SpecificationError, match='Did you mean "cat"'):
        registry.find("test beast", "cta")


def test_a_name_is_taken_once():
    with pytest.raises(TypeError, match="registered already"):
        registry.register("cat")(type("OtherCat", (Beast,), {}))


def test_a_class_without_family_is_refused():
    with pytest.raises(TypeError, match="belongs to no family"):
        registry.register("stone")(type("Stone", (), {}))


def test_members_cannot_be_changed_from_outside():
    with pytest.raises(TypeError):
        registry.members("test beast")["dog"] = Cat

from abc import ABC
from importlib.metadata import EntryPoint

import pytest

from artneuro import registry
from artneuro.errors import RunError, SpecificationError


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


def offered(monkeypatch, value):
    plugin = EntryPoint("extra", value, "artneuro.plugins")
    monkeypatch.setattr(registry, "entry_points", lambda group: [plugin] if group == plugin.group else [])


def test_a_plugin_registers_what_it_defines(monkeypatch, tmp_path):
    (tmp_path / "beasts_of_others.py").write_text(
        "from artneuro import registry\n"
        "Beast = next(cls for cls, word in registry._families.items() if word == 'test beast')\n"
        "registry.register('plugged in')(type('Dog', (Beast,), {}))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    offered(monkeypatch, "beasts_of_others")
    registry.load_plugins()
    assert registry.find("test beast", "plugged in").__name__ == "Dog"


def test_a_plugin_that_cannot_be_loaded_is_named(monkeypatch):
    offered(monkeypatch, "there_is_no_such_module")
    with pytest.raises(RunError, match=r"'extra' \(there_is_no_such_module\) .*Mend or uninstall"):
        registry.load_plugins()

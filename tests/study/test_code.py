import sys
from pathlib import Path

import pytest

from artneuro import records
from artneuro.anatomy.anatomy import Anatomy
from artneuro.fields import Spec, define_spec, param
from artneuro.rearing.rearing import SGD, Rearing
from artneuro.study import code


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A small package in place of artneuro's own: `rear` imports `measures.mean`; `other` stands alone."""
    root = tmp_path / "artneuro"
    (root / "measures").mkdir(parents=True)
    texts = {
        "rear.py": "from artneuro.measures.mean import mean\nfrom artneuro.errors import RunError\nx = 1\n",
        "measures/__init__.py": "",
        "measures/mean.py": "def mean(): return 1\n",
        "other.py": "y = 1\n",
        "errors.py": "class RunError(Exception): ...\n",
    }
    for name, text in texts.items():
        (root / name).write_text(text)
    monkeypatch.setattr(code, "ROOT", root)
    monkeypatch.setattr(records, "__file__", str(root / "records.py"))

    def digest():
        code._digest_within.cache_clear()
        code._imports.cache_clear()
        return code.digest("artneuro.rear")

    yield root, digest
    code._digest_within.cache_clear()
    code._imports.cache_clear()


@pytest.mark.parametrize(
    ("name", "text", "matters"),
    [
        ("rear.py", "from artneuro.measures.mean import mean\nfrom artneuro.errors import RunError\nx = 2\n", True),
        ("measures/mean.py", "def mean(): return 2\n", True),
        ("measures/mean.py", 'def mean():\n    """Prose."""\n    return 1  # a remark\n', False),
        ("other.py", "y = 2\n", False),
        ("errors.py", "class RunError(ValueError): ...\n", False),
    ],
)
def test_only_code_that_is_reached_matters(house, name, text, matters):
    root, digest = house
    before = digest()
    (root / name).write_text(text)
    assert (digest() != before) is matters


def test_a_module_of_the_users_own_counts_to_the_letter(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    digests = []
    for text in ("x = 1\n", "x = 2\n", "x = 1\n"):
        (tmp_path / "lab_protocols.py").write_text(text)
        digests.append(code.digest("artneuro.seeds", "lab_protocols"))
    assert digests[0] == digests[2] != digests[1]
    assert digests[0] != code.digest("artneuro.seeds")


def test_a_session_without_a_file_has_a_digest(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "__file__", None, raising=False)
    assert code.digest("__main__") != code.digest()


@define_spec
class Holder(Spec):
    inner: dict[str, tuple[Rearing, ...]] = param(doc="declarations within a declaration")


def test_modules_are_found_at_any_depth():
    found = code.modules_of(Holder(inner={"a": (Rearing(optimizer=SGD()),)}))
    assert found == {__name__, *(f"artneuro.rearing.{module}" for module in ("optimizer", "rearing", "schedule"))}


def test_the_real_house_is_walked():
    reached = code._imports("subject")
    assert "rearing/rearing" in reached
    assert code._place(f"{Anatomy.__module__}.{Anatomy.__name__}") == "anatomy/anatomy"
    assert Path(code.ROOT / "anatomy/anatomy.py").is_file()

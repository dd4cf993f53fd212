"""constraints.txt installs on every Python that pyproject.toml allows, also on its oldest."""

import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
PINS = [
    Requirement(line)
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("pin", PINS, ids=lambda pin: pin.name)
def test_a_pinned_package_runs_on_the_oldest_python(pin: Requirement) -> None:
    """A pin that asks for a later patch of Python makes the installation fail there, and nowhere else."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    oldest = declared.removeprefix(">=") + ".0"
    try:
        package = metadata(pin.name)
    except PackageNotFoundError:
        pytest.skip("belongs to an extra that is not installed here")
    if str(package["Version"]).split("+")[0] not in pin.specifier:
        pytest.skip(f"another version, {package['Version']}, is installed here")
    assert SpecifierSet(package.get("Requires-Python") or "").contains(oldest)

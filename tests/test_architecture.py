"""The table of rooms in docs/architecture.md, enforced: who may import whom, and which packages."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "artneuro"

# room: (row, third-party packages it may import). A room is a module or a package of artneuro.
ROOMS: dict[str, tuple[int, set[str]]] = {
    "cli": (7, {"typer", "rich", "click"}),
    "study": (
        6,
        {"attrs", "yaml", "numpy", "xarray", "jinja2", "pandas", "torch", "matplotlib", "markupsafe", "threadpoolctl"}
        | {"optuna", "psutil", "dask", "distributed"},
    ),
    "statistics": (5, {"attrs", "numpy", "xarray", "scipy", "pingouin", "statsmodels", "pandas"}),
    "figures": (5, {"attrs", "numpy", "xarray", "scipy", "pandas", "seaborn", "matplotlib", "mpl_toolkits", "PIL"}),
    "protocols": (4, {"attrs", "numpy", "torch", "xarray"}),
    "cohort": (3, {"attrs", "torch", "xarray"}),
    "recording": (3, {"attrs", "numpy", "torch", "xarray"}),
    "subject": (3, {"attrs", "torch", "xarray"}),
    "rearing": (3, {"attrs", "torch", "xarray", "numpy"}),
    "anatomy": (2, {"attrs", "torch"}),
    "environment": (2, {"attrs", "torch", "numpy", "sklearn", "PIL"}),
    "brains": (2, {"attrs", "torch", "numpy", "xarray", "PIL"}),
    "bridges": (2, {"numpy", "xarray", "rsatoolbox", "pynwb", "h5py"}),
    "connectomes": (2, {"attrs", "numpy", "xarray", "torch"}),
    "weights": (2, {"attrs", "torch"}),
    "identity": (2, set()),
    "_torchvision": (2, {"torch", "torchvision"}),
    "predictors": (2, {"torch"}),
    # sklearn, imported where it is used: decoders and encoding models are its regressions, cross-validated
    "measures": (1, {"torch", "numpy", "scipy", "networkx", "sklearn"}),
    "own_code": (1, set()),
    "selection": (1, {"xarray", "numpy"}),
    "tensor_files": (1, {"safetensors", "torch"}),
    "records": (1, {"xarray", "numpy"}),
    "netcdf": (1, {"xarray", "numpy", "netCDF4"}),
    "joining": (1, {"xarray", "numpy"}),
    "labels": (1, {"attrs", "xarray"}),
    "fields": (0, {"attrs"}),
    "described": (0, {"attrs"}),
    "registry": (0, set()),
    "seeds": (0, {"attrs", "numpy", "torch"}),
    "files": (0, set()),
    "errors": (0, {"attrs"}),
    "endless": (0, set()),
    "extras": (0, set()),
    "_version": (0, set()),
}

# Rooms of one row that may enter each other; any other pair of one row may not.
NEIGHBOURS = {
    ("cohort", "subject"),
    ("cohort", "rearing"),
    ("recording", "subject"),
    ("subject", "rearing"),
    ("rearing", "subject"),
    ("environment", "_torchvision"),
    ("brains", "environment"),
    ("brains", "bridges"),
    ("connectomes", "environment"),
    ("connectomes", "anatomy"),
    ("predictors", "environment"),
    ("anatomy", "_torchvision"),
    ("records", "labels"),
    ("records", "netcdf"),
    ("joining", "records"),
    ("joining", "labels"),
    ("selection", "labels"),
    ("fields", "registry"),
    ("described", "fields"),
    ("fields", "errors"),
    ("registry", "errors"),
    ("extras", "errors"),
    ("records", "_version"),
}


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, absolute, wherever in the file the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            if node.module == "artneuro":
                yield from (f"artneuro.{alias.name}" for alias in node.names)
            else:
                yield str(node.module)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_is_entered_only_by_those_above(path):
    room = room_of(path)
    row, packages = ROOMS[room]
    for name in imports(path):
        top, *rest = name.split(".")
        if top == "artneuro":
            entered = rest[0]
            if entered.startswith("__") or entered == room:
                continue
            assert ROOMS[entered][0] < row or (room, entered) in NEIGHBOURS, f"{room} may not enter {entered}"
        elif top not in sys.stdlib_module_names:
            assert top in packages, f"{room} may not import {top}"


def test_every_room_exists_and_is_in_the_table():
    assert {room_of(path) for path in modules()} == set(ROOMS)


@pytest.mark.parametrize(
    ("package", "room"),
    [
        ("pingouin", "statistics"),
        ("seaborn", "figures"),
        ("torchvision", "_torchvision"),
        ("typer", "cli"),
        ("yaml", "study"),
        ("optuna", "study"),
        ("distributed", "study"),
        ("networkx", "measures"),
        ("netCDF4", "netcdf"),
        ("safetensors", "tensor_files"),
        ("rsatoolbox", "bridges"),
        ("pynwb", "bridges"),
    ],
)
def test_packages_with_one_door(package, room):
    users = {room_of(path) for path in modules() for name in imports(path) if name.split(".")[0] == package}
    assert users == {room}


def test_protocols_never_import_each_other():
    """They may import what is no protocol: the base, and what a record holds."""
    room = [path for path in (ROOT / "protocols").glob("*.py") if path.name != "__init__.py"]
    protocols = {f"artneuro.protocols.{path.stem}" for path in room if "@register(" in path.read_text()}
    assert len(protocols) > 10
    for path in room:
        others = protocols & set(imports(path))
        assert not others, f"{path.name} imports {others}"


def test_nothing_pickles():
    for path in modules():
        names = set(imports(path))
        assert not names & {"pickle", "dill", "joblib", "shelve", "marshal"}, path
        text = path.read_text(encoding="utf-8")
        assert "torch.save(" not in text, path
        assert "torch.load(" not in text, path
        assert "allow_pickle=True" not in text, path


def test_generators_are_made_in_one_place():
    makers = {"default_rng", "Generator", "RandomState", "manual_seed", "seed"}
    for path in modules():
        if path.name == "seeds.py":
            continue
        calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        made = {func.attr for func in calls if isinstance(func, ast.Attribute)} & makers
        assert not made, f"{path} makes a generator: take a Stream as an argument"

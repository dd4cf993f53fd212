"""What the whole suite shares: the options, and where real data lie."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

MOST_WORKERS = 4
"""Processes that the suite is spread over, at most: each holds torch and what its tests load, a gigabyte or so."""

if workers := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):  # before torch is imported: they share the cores
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // int(workers))))

# how long an example takes depends on what else the machine does
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="also run the tests marked slow")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A worker a core for whole folders; a file or two is done sooner in this process than workers start."""
    folders = any(Path(argument).is_dir() for argument in config.args)
    return min(MOST_WORKERS, os.cpu_count() or 1) if folders else 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    root = os.environ.get("ARTNEURO_DATA")
    without_data = pytest.mark.skip(reason="needs real data: set ARTNEURO_DATA to a folder with MNIST and CIFAR-10")
    not_now = pytest.mark.skip(reason="slow: run with --run-slow")
    for item in items:
        if "data" in item.keywords and not root:
            item.add_marker(without_data)
        if "slow" in item.keywords and not config.getoption("--run-slow"):
            item.add_marker(not_now)


@pytest.fixture(scope="session")
def data_root() -> Path:
    """Folder with MNIST and CIFAR-10 in torchvision's layout; only for tests marked `data`."""
    return Path(os.environ["ARTNEURO_DATA"])


@pytest.fixture
def own_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root of the test's own: paths of declarations begin there."""
    monkeypatch.setenv("ARTNEURO_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="session")
def endless_file() -> Callable[[Path], None]:
    """Write a file, sealed like one of ours, which HDF5 reads for ever: its heap of text is pieces of no size."""
    import xarray as xr  # not before the number of threads is set

    from artneuro import netcdf

    def write(path: Path) -> None:
        netcdf.write(xr.Dataset({"text": ("subject", ["a", "b"], {"note": "also text"})}), path)
        raw = bytearray(path.read_bytes())
        heap = raw.index(b"GCOL")
        size = int.from_bytes(raw[heap + 8 : heap + 16], "little")
        raw[heap + 16 : heap + size] = bytes(size - 16)
        path.write_bytes(raw)
        netcdf.seal(path)

    return write


@pytest.fixture(scope="session")
def brain_root(data_root: Path) -> Callable[..., Path]:
    """Call it with names of brains: the data root, or the test is skipped where a folder of theirs is not in it."""

    def holding(*names: str) -> Path:
        there = {folder.name.lower() for folder in data_root.iterdir()}  # named as brains are, but for capitals
        if missing := set(names) - there:
            pytest.skip(f"there is no {', '.join(sorted(missing))} in the data root")
        return data_root

    return holding

"""What the whole suite shares: the options, and where real data lie."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# how long an example takes depends on what else the machine does
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="also run the tests marked slow")


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

import importlib
import types

import pytest
import torch

from artneuro import _torchvision


class Libraries(list):
    """Stands in for torch.library.Library and keeps what is declared."""

    def __call__(self, namespace, kind):
        library = types.SimpleNamespace(namespace=namespace, kind=kind, define=lambda text: self.append(text))
        self.append((namespace, kind))
        return library


@pytest.fixture
def declared(monkeypatch):
    libraries = Libraries()
    monkeypatch.setattr(torch.library, "Library", libraries)
    monkeypatch.setattr(_torchvision, "_declared", [])
    monkeypatch.setattr("sys.modules", {"torchvision.extension": None, "torchvision_other": None})
    return libraries


def imports(monkeypatch, *outcomes):
    """Let each import of torchvision end in the next of `outcomes`."""
    remaining = list(outcomes)

    def import_module(name):
        assert name == "torchvision"
        outcome = remaining.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(importlib, "import_module", import_module)


def test_the_door_opens_and_data_sets_and_models_work():
    torchvision = _torchvision.torchvision
    assert importlib.import_module("torchvision") is torchvision
    assert issubclass(torchvision.datasets.CIFAR10, torch.utils.data.Dataset)
    model = torchvision.models.resnet18(num_classes=7).eval()
    assert model(torch.zeros(1, 3, 32, 32)).shape == (1, 7)


def test_a_matching_pair_is_left_alone(monkeypatch, declared):
    torchvision = types.ModuleType("torchvision")
    imports(monkeypatch, torchvision)
    assert _torchvision._import() is torchvision
    assert declared == []


def test_beside_a_cpu_torch_the_missing_operators_are_declared_and_the_import_is_fresh(monkeypatch, declared):
    torchvision = types.ModuleType("torchvision")
    imports(monkeypatch, RuntimeError("operator torchvision::nms does not exist"), torchvision)
    assert _torchvision._import() is torchvision
    assert declared[0] == ("torchvision", "DEF")
    assert [text.split("(")[0] for text in declared[1:]] == ["nms", "qnms"]
    assert len(_torchvision._declared) == 1
    import sys

    assert list(sys.modules) == ["torchvision_other"]


@pytest.mark.parametrize(
    "error", [RuntimeError("compiled with different CUDA major versions"), ImportError("No module named 'torchvision'")]
)
def test_any_other_error_is_not_hidden(monkeypatch, declared, error):
    imports(monkeypatch, error)
    with pytest.raises(type(error), match=str(error)):
        _torchvision._import()
    assert declared == []

import builtins
import importlib
import sys
import types

import pytest
import torch

from artneuro import _torchvision


class Libraries(list):
    """Stands in for torch.library.Library and keeps what is declared."""

    def __call__(self, namespace, kind):
        self.append((namespace, kind))
        return types.SimpleNamespace(define=self.append)


@pytest.fixture
def declared(monkeypatch):
    libraries = Libraries()
    monkeypatch.setattr(torch.library, "Library", libraries)
    monkeypatch.setattr(_torchvision, "_declared", [])
    before = dict(sys.modules)
    yield libraries
    sys.modules.update(before)


def imports(monkeypatch, *outcomes):
    """Let each import of torchvision end in the next of `outcomes`."""
    remaining, ordinary = list(outcomes), builtins.__import__

    def import_(name, *arguments):
        if name != "torchvision":
            return ordinary(name, *arguments)
        outcome = remaining.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(builtins, "__import__", import_)


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
    assert "torchvision.datasets" in sys.modules


def test_beside_a_cpu_torch_the_missing_operators_are_declared_and_the_import_is_fresh(monkeypatch, declared):
    torchvision = types.ModuleType("torchvision")
    imports(monkeypatch, RuntimeError("operator torchvision::nms does not exist"), torchvision)
    assert _torchvision._import() is torchvision
    assert declared[0] == ("torchvision", "DEF")
    assert [text.split("(")[0] for text in declared[1:]] == ["nms", "qnms"]
    assert len(_torchvision._declared) == 1
    assert not any(name.startswith("torchvision.") for name in sys.modules)


@pytest.mark.parametrize(
    "error", [RuntimeError("compiled with different CUDA major versions"), ImportError("No module named 'torchvision'")]
)
def test_any_other_error_is_not_hidden(monkeypatch, declared, error):
    imports(monkeypatch, error)
    with pytest.raises(type(error), match=str(error)):
        _torchvision._import()
    assert declared == []

import pytest
import torch

from artneuro.errors import SpecificationError
from artneuro.study.device import card, usable
from artneuro.study.machine import machine_bytes


def test_the_cpu_is_usable():
    assert usable("cpu") is None


@pytest.mark.parametrize("name", ["abacus", "", "cpu:x", "xla", "cuda:99"])
def test_what_is_not_there_is_refused_with_what_is(name):
    with pytest.raises(SpecificationError, match="Usable: cpu") as raised:
        usable(name)
    assert repr(name) in str(raised.value)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is there")
def test_a_gpu_that_is_not_there_is_refused():
    with pytest.raises(SpecificationError, match="'cuda'"):
        usable("cuda")


@pytest.mark.parametrize(("cards", "taken"), [(1, ["cuda"] * 3), (2, ["cuda:0", "cuda:1", "cuda:0"])])
def test_workers_take_several_cards_in_turn(monkeypatch, cards, taken):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cards)
    assert [card("cuda", place) for place in range(3)] == taken
    assert [card(name, 1) for name in ("cpu", "cuda:0")] == ["cpu", "cuda:0"]


def test_workers_on_several_cards_share_the_memory_of_all(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda place: (10 * (int(str(place)[-1]) + 1), 99))
    assert (machine_bytes("cuda"), machine_bytes("cuda:1")) == (30, 20)

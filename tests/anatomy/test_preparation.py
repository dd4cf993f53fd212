import numpy as np
import pytest
import torch
from torch import nn

from artneuro.anatomy import preparation
from artneuro.anatomy.preparation import Preparation, deal
from artneuro.seeds import Stream


@pytest.mark.parametrize(("count", "size"), [(10, 4), (1, 500), (500, 500), (501, 500), (7, 2)])
def test_every_stimulus_is_dealt_once_into_blocks_of_nearly_one_size(count, size):
    blocks = deal(count, size, Stream(0))
    sizes = [len(block) for block in blocks]
    assert torch.cat(blocks).sort().values.tolist() == list(range(count))
    assert len(blocks) == -(-count // size)
    assert max(sizes) <= size
    assert max(sizes) - min(sizes) <= 1
    assert all(torch.equal(block, block.sort().values) for block in blocks)


def test_blocks_are_samples_of_a_set_that_is_sorted_by_class():
    first, second = deal(1000, 500, Stream(0))
    assert 200 < (first < 500).sum() < 300  # 250 expected, standard deviation 11
    assert not torch.equal(first, deal(1000, 500, Stream(1))[0])
    assert torch.equal(first, deal(1000, 500, Stream(0))[0])
    assert len(second) == 500


def prepared(model=None, count=50, size=8):
    images = torch.arange(count, dtype=torch.float32)[:, None].expand(count, 3).contiguous()
    model = model or (lambda x: x)
    return Preparation(model, lambda numbers: images[numbers], deal(count, size, Stream(0)), torch.arange(count) % 3, 3)


def test_tally_covers_every_stimulus_with_its_own_target():
    one_hot = prepared(lambda x: nn.functional.one_hot(x[:, 0].long() % 3, 3).float())
    found = one_hot.tally(lambda block, logits: [("right", logits[None]), ("wrong", logits.roll(1, dims=1)[None])])
    assert found["right"].accuracy.tolist() == [1.0]
    assert found["wrong"].accuracy.tolist() == [0.0]
    assert found["right"].shown.sum() == 50


def test_conditions_of_one_key_are_joined_in_order():
    found = prepared().tally(lambda block, logits: [("a", logits[None]), ("a", torch.stack([logits * 0, logits * 2]))])
    assert found["a"].losses.shape == (3,)
    assert float(found["a"].loss[1]) == pytest.approx(np.log(3), rel=1e-6)  # float32


def test_shown_and_example():
    there = prepared()
    responses = torch.cat([exposure[:, 0] for _, exposure in there])
    assert torch.equal(there.shown, responses.long() % 3)
    assert torch.equal(there.example, next(iter(there))[1][:2])


def test_what_fits_in_memory_is_computed_once(monkeypatch):
    shown = []
    there = prepared(lambda x: shown.append(len(x)) or x)
    first = [exposure.clone() for _, exposure in there]
    assert shown == [len(block) for block in there.blocks]
    assert all(torch.equal(a, b) for a, (_, b) in zip(first, there, strict=True))
    assert len(shown) == len(there.blocks)

    monkeypatch.setattr(preparation, "KEPT", 3 * first[0].nbytes)
    shown.clear()
    cramped = there.showing_to(lambda x: shown.append(len(x)) or x)
    for _ in range(2):
        assert all(torch.equal(a, b) for a, (_, b) in zip(first, cramped, strict=True))
    assert len(shown) == 2 * len(first) - 3

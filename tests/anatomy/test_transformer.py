"""A small transformer: causal, with named places."""

import pytest
import torch
from torch.nn import functional as F

import artneuro as an
from artneuro.anatomy.circuit import Circuit
from artneuro.anatomy.recording import record_activity
from artneuro.errors import SpecificationError


def built(**parameters):
    torch.manual_seed(0)
    options = {"width": 6, "heads": 2, "hidden": 9, "answers": "each", **parameters}
    return an.anatomy("transformer", **options).build((1, 5, 2), 3)


def test_attention_is_torchs():
    model = built(blocks=1)
    block = model.blocks[0]
    residual = torch.randn(4, 5, 6)
    query, key, value = (part.view(4, 5, 2, 3).transpose(1, 2) for part in block.qkv(residual).split(6, dim=-1))
    expected = F.scaled_dot_product_attention(query, key, value, is_causal=True).transpose(1, 2).reshape(4, 5, 6)
    torch.testing.assert_close(block._attention(residual), expected)


def test_no_answer_knows_what_comes_later():
    model = built().eval()
    x = torch.randn(3, 1, 5, 2)
    changed = x.clone()
    changed[:, :, 3:] += 1
    one, other = model(x), model(changed)
    assert torch.equal(one[:, :2], other[:, :2])
    assert not torch.allclose(one[:, 2], other[:, 2])


def test_sites_are_what_they_are_named():
    model = built(blocks=1).eval()
    sites = an.anatomy("transformer", width=6, heads=2, hidden=9, blocks=1).sites(model)
    x = torch.randn(3, 1, 5, 2)
    seen = record_activity(model, sites, x)
    assert {site: tuple(activity.shape) for site, activity in seen.items()} == {
        "heads1": (3, 6, 5, 1), "mlp1": (3, 9, 5, 1), "residual1": (3, 6, 5, 1),
    }  # fmt: skip
    last = seen["residual1"][..., 0].transpose(1, 2)
    torch.testing.assert_close(model.output(last[:, 0::2]).flatten(1), model(x))


def test_its_circuit_has_one_stream_and_heads_of_three_folds():
    circuit = Circuit.of(built(blocks=2))
    sizes = {"input": 2, "residual": 6, "heads1": 6, "mlp1": 9, "heads2": 6, "mlp2": 9, "output": 1}
    assert circuit.layers == sizes
    assert circuit.blocks == {"heads1": 2, "heads2": 2}
    assert [each.target_folds for each in circuit.projections if each.target.startswith("heads")] == [3, 3]
    assert sum("residual" in (each.target, each.source) for each in circuit.projections) == 10


def test_it_learns_a_slope_in_double_precision():
    place = an.environment("in_context_regression", size=200)
    anatomy = an.anatomy("embedded", of={"transformer": {"width": 8, "hidden": 16, "blocks": 1, "answers": "each"}})
    rearing = an.Rearing(
        epochs=60,
        batch=200,
        optimizer=an.rearing.Adam(lr=0.01),
        loss="mean_square",
        precision="float64",
        evaluate_every=30,
    )
    adult = an.rear(an.Subject.naive(anatomy, place, 0), place, rearing)
    assert float(adult.history.test_loss[-1]) < float(adult.history.test_loss[0]) < 3


def test_what_does_not_fit_is_refused():
    with pytest.raises(SpecificationError, match="width: required a multiple of `heads`, 4; came 6"):
        an.anatomy("transformer", width=6, heads=4)
    with pytest.raises(SpecificationError, match="as many answers as every other of 5 tokens, 3; came 2"):
        an.anatomy("transformer", answers="each").build((1, 5, 2), 2)

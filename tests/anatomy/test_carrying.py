"""What units tell of quantities, against numpy on activity written down by hand."""

import numpy as np
import pytest
import torch

import artneuro as an
from artneuro.anatomy.carrying import Carrying
from artneuro.anatomy.circuit import Circuit
from artneuro.seeds import Stream


@pytest.fixture
def tokens():
    """Vectors of tokens whose entry 0 is the sign of the permutation, and entry 1 the same for all."""
    place = an.environment("permutation_group", n=3, train_share=0.2)
    model = an.Subject.naive(an.anatomy("token_mlp", width=3, widths=(4,)), place, seed=0).model()
    with torch.no_grad():
        model.get_submodule("embedding").weight[0] = torch.tensor([1.0, -1.0, -1.0, 1.0, 1.0, -1.0])
        model.get_submodule("embedding").weight[1] = 2.0
    return place, model


def carried(place, model, anatomy):
    test = place.test
    return Carrying.of(model, anatomy.sites(model), Circuit.of(model), place.present(test.images), test.quantities)


def test_a_unit_with_a_part_at_every_token_is_held_against_the_better_one(tokens):
    place, model = tokens
    found = carried(place, model, an.anatomy("token_mlp", width=3, widths=(4,))).correlations()
    assert {layer: own.shape for layer, own in found.items()} == {"embedding": (3, 3), "hidden1": (4, 3)}
    assert found["embedding"][0, :2].tolist() == pytest.approx([1.0, 1.0])  # one at each token
    assert abs(found["embedding"][0, 2]) < 1
    assert found["embedding"][1].isnan().all()


def test_decoders_read_units_in_use_alone(tokens):
    place, model = tokens
    seen = carried(place, model, an.anatomy("token_mlp", width=3, widths=(4,)))
    idle = torch.zeros(4, dtype=torch.bool)
    for used, expected in (([True, False, False], 1.0), ([False, False, False], 0.0)):
        found = seen.decoded({"embedding": torch.tensor(used), "hidden1": idle}, Stream(0))
        # ridge shrinks by one in 24, and its square is missed
        assert found[0, :2].tolist() == pytest.approx([expected, expected], abs=0.01)
        assert (found[1] == 0).all()
    found = seen.decoded({"embedding": torch.tensor([False, True, False]), "hidden1": idle}, Stream(0))
    assert (found[0] < 0.1).all()


def test_of_a_residual_stream_the_last_token_of_the_last_block_counts():
    place = an.environment("in_context_regression", size=60)
    anatomy = an.anatomy("transformer", width=4, hidden=5, answers="each")
    model = an.Subject.naive(anatomy, place, seed=0).model()
    seen = carried(place, model, anatomy)
    assert seen.layers["residual1"] == seen.layers["residual2"] == "residual"
    shown = place.present(place.test.images)
    stream = model.blocks(model.embedding(shown.transpose(1, 2).flatten(2)))[:, -1].detach()
    w = place.test.quantities["w"].numpy()
    expected = [np.corrcoef(own, w)[0, 1] for own in stream.double().numpy().T]
    np.testing.assert_allclose(seen.correlations()["residual"][:, 0], expected, rtol=1e-9)

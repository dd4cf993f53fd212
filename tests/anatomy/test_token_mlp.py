"""Learnt vectors of tokens, put side by side."""

import torch

import artneuro as an
from artneuro.anatomy.circuit import Circuit
from artneuro.rearing.engine import way


def test_it_looks_vectors_up_and_puts_them_side_by_side():
    model = an.anatomy("token_mlp", width=3, widths=(5,)).build((1, 2, 7), 4)
    table = model.embedding.weight.T
    tokens = torch.tensor([[2, 6], [0, 0]])
    seen = model.flatten(model.embedding(torch.nn.functional.one_hot(tokens, 7).float().unsqueeze(1)))
    assert torch.equal(seen, torch.cat([table[tokens[:, 0]], table[tokens[:, 1]]], dim=1))


def test_its_vectors_begin_as_standard_normal_numbers():
    torch.manual_seed(0)
    weight = an.anatomy("token_mlp").build((1, 2, 59), 59).embedding.weight.detach()
    assert weight.shape == (32, 59)
    assert abs(float(weight.std()) - 1) < 0.05  # 1888 numbers: a standard error of 0.016


def test_its_circuit_has_one_unit_for_an_entry_of_every_token():
    model = an.anatomy("token_mlp").build((1, 2, 59), 59)
    circuit = Circuit.of(model)
    assert circuit.layers == {"embedding": 32, "hidden1": 50, "hidden2": 50, "output": 59}
    assert [each.source_folds for each in circuit.projections] == [2, 1, 1]
    assert circuit.tables == {"embedding.weight": "embedding"}
    assert way(model, "cpu") == "stacked"


def test_it_learns_to_add():
    place = an.environment("modular_addition", p=5)
    naive = an.Subject.naive(an.anatomy("token_mlp", width=8, widths=(30,)), place, seed=0)
    rearing = an.Rearing(epochs=200, batch=100, optimizer=an.rearing.AdamW(lr=0.01), evaluate_every=200)
    assert float(an.rear(naive, place, rearing).history.train_accuracy[-1]) == 1.0

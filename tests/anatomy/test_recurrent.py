"""A recurrent network against its equation, step by step."""

import torch

import artneuro as an
from artneuro.anatomy.recording import record_activity
from artneuro.rearing import ActivityNoise


def test_it_follows_its_equation():
    torch.manual_seed(0)
    model = an.anatomy("recurrent", units=6).build((1, 5, 3), 4)
    x = torch.randn(2, 1, 5, 3)
    state, states = torch.zeros(2, 6), []
    for step in range(5):
        drive = x[:, 0, step] @ model.incoming.weight.T + model.incoming.bias
        state = (drive + state @ model.recurrent.weight.T).clamp(min=0)
        states.append(state)
    torch.testing.assert_close(model(x), state @ model.output.weight.T + model.output.bias)
    seen = record_activity(model, {"hidden": "hidden"}, x)["hidden"]
    torch.testing.assert_close(seen[:, :, :, 0], torch.stack(states, dim=-1))


def test_recurrent_weights_begin_orthogonal():
    weight = an.anatomy("recurrent", units=9).build((1, 5, 3), 4).recurrent.weight
    torch.testing.assert_close(weight @ weight.T, torch.eye(9), atol=1e-5, rtol=0)


def test_it_learns_through_time_alone_as_in_a_litter_with_noise_on_what_comes_in():
    place = an.environment("mazes", train_size=64, test_size=16, goal=2, delay=2, choice=2)
    anatomy = an.anatomy("embedded", of={"recurrent": {"units": 20}})
    rearing = an.Rearing(epochs=30, batch=64, optimizer=an.rearing.Adam(lr=0.01), evaluate_every=30)
    noise = [ActivityNoise(kind="additive", sd=0.05, sites=("input",))]
    litter = [an.Subject.naive(anatomy, place, seed) for seed in (0, 1)]
    both = an.rearing.rear.rear_litter(litter, rearing, noise)
    assert an.rear(litter[1], place, rearing, noise).fingerprint == both[1].fingerprint
    # two of four answers are offered: who does not remember the goal is right half of the time
    assert float(both[0].history.test_accuracy[-1]) > 0.6

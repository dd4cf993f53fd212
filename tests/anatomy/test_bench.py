import pytest
import torch

from artneuro.anatomy import anatomy
from artneuro.anatomy.bench import Bench, intact_performance
from artneuro.anatomy.preparation import Preparation, deal
from artneuro.anatomy.profile import Profile
from artneuro.seeds import Stream


@pytest.fixture
def bench(lived, stimuli):
    made = anatomy("mlp", widths=(12, 9))
    model = lived(made.build((1, 6, 6), 3))
    images, targets = stimuli(60, 1, 6, 6), torch.arange(60) % 3
    intact = Preparation(model, lambda numbers: images[numbers], deal(60, 25, Stream(1)), targets, 3)
    return Bench(model, made.sites(model), intact, Stream(2))


def profiles(bench):
    opened = {site: bench.opened(site) for site in bench.modules}
    with torch.no_grad():
        return {site: Profile.of(opened[site], bench.model, bench.modules[site], bins=4) for site in opened}


def orders(total, repeats):
    return {"random": [torch.randperm(total) for _ in range(repeats)], "one": [torch.arange(total)]}


def test_performance_is_that_of_the_whole_network(bench):
    with torch.no_grad():
        tally = bench.performance()
        logits = bench.model(bench.intact.show(torch.arange(60)))
    assert tally.losses.shape == ()
    right = logits.argmax(dim=1) == bench.intact.targets
    assert tally.accuracy.item() == right.double().mean().item()
    assert intact_performance(bench.intact).accuracy == tally.accuracy


def test_repeats_share_a_measurement_only_where_nothing_is_random(bench):
    known, clamps = profiles(bench), ("zero", "noise")
    with torch.no_grad():
        found = bench.ever_more(bench.opened("hidden1"), known, orders(12, 3), clamps, 3, [0, 6, 12])
    assert list(found) == [(o, c, r) for o in ("random", "one") for c in clamps for r in range(3)]
    for order, clamp, same in [("one", "zero", True), ("one", "noise", False), ("random", "zero", False)]:
        losses = [found[order, clamp, repeat].losses[1] for repeat in range(3)]
        assert (losses[0] == losses[1] == losses[2]) == same, (order, clamp)


def test_a_clamp_draws_by_site_repeat_and_block_whatever_else_is_asked(bench):
    known, everything = profiles(bench), orders(12, 2)
    with torch.no_grad():
        both = bench.ever_more(bench.opened("hidden1"), known, everything, ("resample", "noise"), 2, [0, 6, 12])
        alone = bench.ever_more(bench.opened("hidden1"), known, {"one": everything["one"]}, ("noise",), 2, [0, 6, 12])
    for repeat in range(2):
        assert torch.equal(both["one", "noise", repeat].losses, alone["one", "noise", repeat].losses)


def test_noise_of_scale_zero_is_the_intact_network_and_more_noise_harms_more(bench):
    with torch.no_grad():
        there = bench.opened("hidden1", "hidden2")
        found = bench.under_noise(there, profiles(bench), [0.0, 0.5, 50.0], repeats=2)
        intact = bench.performance()
    assert found[0].losses.tolist() == [intact.losses.item()] * 2
    assert (found[2].losses > found[1].losses).all()
    assert found[1].losses[0] != found[1].losses[1]


def test_cutting_all_connections_leaves_one_answer(bench):
    with torch.no_grad():
        total = bench.connections("hidden2")
        found = bench.cut_ever_more("hidden2", [torch.randperm(total), torch.arange(total)], [0, total])
        intact = bench.performance()
    assert total == 12 * 9
    assert list(found) == [("random", "zero", 0), ("random", "zero", 1)]
    assert found["random", "zero", 0].losses[0] == intact.losses
    assert torch.equal(found["random", "zero", 0].hits[1], found["random", "zero", 1].hits[1])
    assert sorted(found["random", "zero", 0].hits[1].tolist()) == [0, 0, 20]


def test_each_silenced_is_each_alone_clamped_to_zero(bench):
    known = profiles(bench)
    with torch.no_grad():
        for site in bench.modules:
            silenced = bench.each_silenced(site)
            alone = bench.each_alone(bench.opened(site), known, "zero")
            assert torch.equal(silenced.losses, alone.losses)
            assert torch.equal(silenced.hits, alone.hits)

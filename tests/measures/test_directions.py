import itertools

import pytest
import torch

from artneuro.measures.directions import of_every_label, of_label, of_probe, of_weighted_label, sampled_labels

LOGITS = torch.tensor([[0.3, -1.2, 0.9], [4.0, 0.0, -4.0]], dtype=torch.float64)


@pytest.fixture
def covariance():
    p = LOGITS.softmax(1)
    return torch.diag_embed(p) - p[:, :, None] * p[:, None, :]


def outer(directions):
    return directions[:, :, None] * directions[:, None, :]


def test_labels_taken_in_turn_have_the_covariance_of_the_scores(covariance):
    torch.testing.assert_close(sum(map(outer, of_every_label(LOGITS))), covariance)


def test_labels_weighted_by_their_chance_have_it_too(covariance):
    p = LOGITS.softmax(1)
    squares = [p[:, c, None, None] * outer(of_label(LOGITS, torch.tensor([c, c]))) for c in range(3)]
    torch.testing.assert_close(sum(squares), covariance)


def test_probes_have_it_on_average_over_all_signs(covariance):
    signs = [torch.tensor([one, one], dtype=torch.float64) for one in itertools.product((-1.0, 1.0), repeat=3)]
    probes = torch.stack([outer(of_probe(LOGITS, one)) for one in signs])
    torch.testing.assert_close(probes.mean(0), covariance)
    assert (probes.std(0) > 0.01).any()


def test_labels_drawn_as_often_as_they_count_have_it_too(covariance):
    quantiles = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000  # every one, so there is no noise
    for row in range(2):
        found = of_weighted_label(LOGITS[row : row + 1].expand(20_000, -1), quantiles)
        torch.testing.assert_close(outer(found).mean(0), covariance[row], atol=1e-4, rtol=0)
        guided = of_weighted_label(
            LOGITS[row : row + 1].expand(20_000, -1), quantiles, torch.tensor([[0.5, 0.0, 7.0]]).expand(20_000, -1)
        )
        torch.testing.assert_close(outer(guided).mean(0), covariance[row], atol=2e-3, rtol=0)  # rare ones weigh more
        norms = found.square().sum(1)
        torch.testing.assert_close(norms, norms[:1].expand(20_000))  # so that only what a network makes of it differs


def test_where_a_network_is_sure_no_label_counts():
    sure = torch.tensor([[0.0, 1e4, 0.0]])
    assert of_weighted_label(sure, torch.tensor([0.5])).tolist() == [[0.0, 0.0, 0.0]]
    nearly = torch.tensor([[0.0, 20.0, -5.0]])
    assert of_weighted_label(nearly, torch.tensor([0.99])).abs().max() > 0


def test_labels_are_drawn_with_their_chance():
    p = LOGITS.softmax(1)
    uniform = (torch.arange(10_000, dtype=torch.float64) + 0.5) / 10_000  # every quantile, so there is no noise
    for row in range(2):
        labels = sampled_labels(LOGITS[row : row + 1].expand(10_000, -1), uniform)
        torch.testing.assert_close(labels.bincount(minlength=3) / 1e4, p[row], atol=1e-4, rtol=0, check_dtype=False)


def test_the_ends_of_the_randomness_are_labels_that_can_be():
    sure = torch.tensor([[0.0, 1e4, 0.0]])
    for end in (0.0, 1 - 2**-53):
        assert sampled_labels(sure, torch.tensor([end], dtype=torch.float64)).tolist() == [1]

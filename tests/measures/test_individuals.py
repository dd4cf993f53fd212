import numpy as np
import torch
from scipy.spatial.distance import pdist, squareform

from artneuro.measures.individuals import classical_scaling, leaf_order, pseudo_values
from artneuro.seeds import Stream


def test_the_mean_of_pseudo_values_is_that_of_all_pairs():
    pairs = torch.rand(7, 7, generator=Stream(0).torch(), dtype=torch.float64)
    pairs = (pairs + pairs.T) / 2
    first, second = torch.triu_indices(7, 7, offset=1)
    torch.testing.assert_close(pseudo_values(pairs).mean(), pairs[first, second].mean())
    others = pairs.clone().fill_diagonal_(99.0)
    assert torch.equal(pseudo_values(others), pseudo_values(pairs))


def test_their_standard_error_is_that_of_the_mean_of_pairs_where_means_of_pairs_have_half_of_it():
    # pairs made of one trait an individual: d_ij = a_i + a_j, so the mean of pairs has variance 4 var(a) / n
    draws = Stream(1).numpy().normal(size=(400, 12))
    means, errors, naive = [], [], []
    for traits in draws:
        pairs = torch.from_numpy(traits[:, None] + traits)
        values = pseudo_values(pairs).numpy()
        own = (pairs.sum(1) - pairs.diagonal()).numpy() / 11
        means.append(values.mean())
        errors.append(values.var(ddof=1) / 12)
        naive.append(own.var(ddof=1) / 12)
    truth = 4 / 12
    assert abs(np.var(means) - truth) < 0.08  # 400 draws: a standard error of 7 % of it
    assert abs(np.mean(errors) - truth) < 0.03
    assert np.mean(naive) < 0.3 * truth


def test_two_individuals_have_no_pseudo_values():
    assert pseudo_values(torch.ones(2, 2)).isnan().all()


def test_scaling_gives_distances_back_and_centres():
    points = Stream(2).numpy().normal(size=(6, 2))
    distances = torch.from_numpy(squareform(pdist(points)))
    placed = classical_scaling(distances, 2)
    np.testing.assert_allclose(pdist(placed.numpy()), pdist(points), atol=1e-9)
    np.testing.assert_allclose(placed.mean(dim=0), 0, atol=1e-9)
    assert classical_scaling(distances * torch.nan).isnan().all()


def test_groups_lie_beside_each_other_in_the_order_of_leaves():
    points = np.array([0.0, 10.0, 0.1, 10.1, 0.2])[:, None]
    order = leaf_order(torch.from_numpy(squareform(pdist(points))))
    near = sorted(order[[0, 2, 4]].tolist())
    assert near in ([0, 1, 2], [2, 3, 4])
    assert leaf_order(torch.full((3, 3), torch.nan)).tolist() == [-1, -1, -1]

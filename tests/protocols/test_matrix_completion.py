"""MatrixCompletion: the task, gradient descent on it, and what is refused."""

import numpy as np
import pytest
import torch

import artneuro as an
from artneuro.errors import SpecificationError
from artneuro.protocols import matrix_completion
from artneuro.protocols.matrix_completion import descend, matrix_of_rank, product
from artneuro.seeds import Stream

SMALL = {"first_rank": 3, "rank": 1, "observed": 50, "epochs": 60, "lr": 0.5}


@pytest.fixture
def newborn():
    """Make a deep linear network at birth, for 10 x 10 matrices."""

    def make(depth=2, seed=0, scale=0.5, n=10):
        anatomy = an.anatomy("deep_linear", depth=depth, width=n, scale=scale)
        return an.Subject.naive(anatomy, an.environment("one_hot", n=n), seed)

    return make


@pytest.mark.parametrize("rank", [1, 4, 12])
def test_matrices_have_the_rank_and_entries_of_mean_square_1(rank):
    matrix = matrix_of_rank(12, rank, Stream(0))
    assert torch.linalg.matrix_rank(matrix.double(), rtol=1e-5) == rank  # float32 entries
    assert matrix.square().mean().item() == pytest.approx(1, rel=1e-5)


def test_what_the_network_answers_to_input_i_is_row_i_of_its_product(newborn):
    subject = newborn(depth=3)
    answers = subject.model()(subject.environment.present(subject.environment.train.images))
    assert torch.allclose(answers, product(list(subject.model().parameters())), atol=1e-6)  # float32 of order 1


def test_descent_follows_the_gradient_written_by_hand():
    a, b = (torch.randn(6, 6, generator=Stream(seed).torch()) * 0.5 for seed in (1, 2))
    matrix, places = matrix_of_rank(6, 2, Stream(3)), torch.tensor([0, 7, 9, 20, 35])
    first, second = descend([a, b], matrix, places, updates=3, lr=0.3)
    left, right = a.double().T.numpy(), b.double().T.numpy()
    seen = np.zeros(36)
    seen[places] = 1
    for _ in range(3):
        error = seen.reshape(6, 6) * (left @ right - matrix.double().numpy()) / 5  # of half the mean over five entries
        left, right = left - 0.3 * error @ right.T, right - 0.3 * left.T @ error
    assert np.allclose(first.T, left, atol=1e-6)  # three steps in float32
    assert np.allclose(second.T, right, atol=1e-6)


def test_the_shared_time_gives_what_each_removal_alone_gives(newborn):
    subject = newborn()
    together = an.MatrixCompletion(removals=(0, 20, 50), **SMALL).run(subject)
    for removal in (0, 20, 50):
        alone = an.MatrixCompletion(removals=(removal,), **SMALL).run(subject)
        for name in ("test_loss", "train_loss", "first_test_loss", "excess_loss"):
            assert alone[name].values[0, 0] == together[name].sel(removal=removal).values[0], name
    assert together.excess_loss.sel(removal=0).item() == 0
    assert together.baseline_test_loss.item() == together.test_loss.sel(removal=0).item()


def test_losses_are_those_of_the_matrices(newborn):
    subject = newborn()
    record = an.MatrixCompletion(removals=(0,), **{**SMALL, "observed": 100}).run(subject)
    # all entries observed: the training loss is half the mean squared error, the test loss the whole
    assert record.train_loss.item() == pytest.approx(record.test_loss.item() / 2)
    # before any update of a network of small weights, the first matrix is missed by its mean square
    assert record.first_test_loss.item() == pytest.approx(1, abs=0.3)
    longer = an.MatrixCompletion(removals=(0,), **{**SMALL, "observed": 100, "epochs": 2000}).run(subject)
    assert longer.test_loss.item() < 1e-3


def test_twins_of_different_depth_get_the_same_task_and_other_seeds_another(newborn, monkeypatch):
    given = []
    monkeypatch.setattr(
        matrix_completion,
        "descend",
        lambda weights, matrix, places, updates, lr: given.append((matrix, places)) or weights,
    )
    for depth, seed in [(1, 0), (3, 0), (1, 1)]:
        an.MatrixCompletion(removals=(0, 5), **SMALL).run(newborn(depth, seed))
    shallow, deep, other = (given[place : place + len(given) // 3] for place in range(0, len(given), len(given) // 3))
    for mine, twins, others in zip(shallow, deep, other, strict=True):
        assert all(map(torch.equal, mine, twins))
        assert not any(map(torch.equal, mine, others))
    assert len({tuple(places.tolist()) for _, places in shallow}) == 1  # the same places in both matrices


def test_the_subject_stays_as_it_is(newborn):
    subject = newborn()
    before = subject.fingerprint
    an.MatrixCompletion(removals=(0, 5), **SMALL).run(subject)
    assert an.Subject.naive(subject.anatomy, subject.environment, 0).fingerprint == before
    assert all(torch.equal(subject.weights[name], tensor) for name, tensor in newborn().weights.items())


def test_networks_that_did_not_fit_are_named(newborn):
    record = an.MatrixCompletion(removals=(0, 5), **{**SMALL, "epochs": 1}).run([newborn(), newborn(seed=1)])
    assert "Under-fitted, above a training loss of 0.01 in the end: removal at 5 (2 of 2 subjects" in record.cautions
    assert record.under_fitted.values.all()
    assert record.excess_loss.attrs["ancillary_variables"] == "under_fitted"
    generous = an.MatrixCompletion(removals=(0, 5), ceiling=100, **{**SMALL, "epochs": 1}).run(newborn())
    assert generous.cautions == ""
    assert not generous.under_fitted.any()


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"observed": 101}, "observed: required at most all 100 entries; came 101"),
        ({"first_rank": 11}, "first_rank: required at most 10, as the matrix has rows; came 11"),
        ({"rank": 11}, "rank: required at most 10"),
    ],
)
def test_more_than_the_matrix_has_is_refused(newborn, parameters, words):
    with pytest.raises(SpecificationError, match=words):
        an.MatrixCompletion(**{**SMALL, **parameters}).run(newborn())


def test_other_networks_and_environments_are_refused():
    subject = an.Subject.naive(an.anatomy("mlp"), an.environment("digits"), 0)
    with pytest.raises(SpecificationError) as refused:
        an.MatrixCompletion(**SMALL).run(subject)
    assert "MatrixCompletion.anatomy: required deep_linear" in str(refused.value)
    assert "MatrixCompletion.environment: required one_hot" in str(refused.value)


@pytest.mark.parametrize("removals", [(5, 0), (3, 3), (-1, 2)])
def test_removals_out_of_order_are_refused(removals):
    with pytest.raises(SpecificationError, match="removals: required whole numbers >= 0 that ascend"):
        an.MatrixCompletion(removals=removals)

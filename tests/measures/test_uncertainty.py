"""Shares of answers, cross-entropy, confusions and wrong answers: by hand, and where nothing is shared."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from artneuro import measures
from artneuro.errors import ActivityError
from artneuro.seeds import Stream

COUNTS = torch.randint(0, 9, (40, 4), generator=torch.Generator().manual_seed(0)) + 1
TARGETS = torch.arange(40) % 4


def test_cross_entropy_is_least_where_both_answer_alike():
    shares = measures.answer_shares(COUNTS)
    own = measures.soft_cross_entropy(shares.log(), shares)
    assert own == pytest.approx(float(torch.special.entr(shares).sum(dim=1).mean()))
    other = measures.answer_shares(COUNTS.flip(1))
    assert measures.soft_cross_entropy(other.log(), shares) > own
    hard = torch.nn.functional.one_hot(TARGETS, 4).double()  # to labels, it is the usual loss
    usual = torch.nn.functional.nll_loss(other.log(), TARGETS)
    assert measures.soft_cross_entropy(other.log(), hard) == pytest.approx(float(usual))


def test_confusions_are_means_of_wrong_answers():
    shares = measures.answer_shares(COUNTS)
    found = measures.class_confusions(shares, TARGETS)
    for true in range(4):
        for said in range(4):
            expected = 0.0 if true == said else float(shares[true == TARGETS, said].mean())
            assert float(found[true, said]) == pytest.approx(expected)
    assert measures.confusion_correlation(shares, shares, TARGETS) == pytest.approx(1)
    assert np.isnan(measures.confusion_correlation(shares, shares, TARGETS % 3))  # a class without stimuli


def test_the_right_answer_plays_no_part_in_wrong_ones():
    a, b = measures.answer_shares(COUNTS), measures.answer_shares(COUNTS.roll(1, dims=0))
    wrong = ~torch.nn.functional.one_hot(TARGETS, 4).bool()
    expected = spearmanr(a[wrong], b[wrong]).statistic
    assert measures.wrong_answer_correlation(a, b, TARGETS) == pytest.approx(expected, abs=1e-12)
    surer = torch.where(wrong, b, b + 100)
    assert measures.wrong_answer_correlation(a, surer, TARGETS) == pytest.approx(expected, abs=1e-12)
    certain = torch.nn.functional.one_hot(TARGETS, 4).double()
    assert np.isnan(measures.wrong_answer_correlation(a, certain, TARGETS))


def test_what_a_class_is_taken_for_can_be_held_constant():
    by_class = measures.answer_shares(COUNTS[:4])[TARGETS]  # every stimulus of a class is mistaken for the same
    noisy = by_class + 0.01 * torch.rand(40, 4, generator=torch.Generator().manual_seed(1))
    assert measures.wrong_answer_correlation(by_class, noisy, TARGETS) > 0.9
    assert np.isnan(measures.wrong_answer_correlation(by_class, noisy, TARGETS, given_class=True))
    # what both share of single stimuli is left
    single = torch.rand(40, 4, generator=torch.Generator().manual_seed(2)).double()
    assert measures.wrong_answer_correlation(single, single, TARGETS, given_class=True) == pytest.approx(1)
    other = torch.rand(40, 4, generator=torch.Generator().manual_seed(3)).double()
    assert abs(measures.wrong_answer_correlation(single, other, TARGETS, given_class=True)) < 4 / np.sqrt(120)


def test_halves_are_the_people_without_overlap():
    first, second = measures.halved_answers(COUNTS, stream=Stream(0))
    totals = COUNTS.sum(dim=1)
    assert torch.equal(first.sum(dim=1), totals // 2)
    assert torch.equal(second.sum(dim=1), totals // 2)
    left = COUNTS - first - second
    assert (left >= 0).all()
    assert torch.equal(left.sum(dim=1), totals % 2)
    many = torch.full((1, 2), 4).repeat(2000, 1)
    drawn = measures.halved_answers(many, stream=Stream(1))[0][:, 0].double()
    # hypergeometric: 4 of 8, half of them of one kind; variance 4/7
    assert float(drawn.mean()) == pytest.approx(2, abs=4 * np.sqrt(4 / 7 / 2000))
    assert float(drawn.var()) == pytest.approx(4 / 7, rel=0.15)


@pytest.mark.parametrize("counts", [torch.tensor([[0, 0]]), torch.tensor([[-1, 3]])])
def test_no_answers_are_refused(counts):
    with pytest.raises(ActivityError, match="counts"):
        measures.answer_shares(counts)
    with pytest.raises(ActivityError, match="counts"):
        measures.halved_answers(counts, stream=Stream(0))

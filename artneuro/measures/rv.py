"""The modified RV coefficient: similarity of two representations, less biased by many units than RV is."""

import torch

from artneuro.measures.responses import Activity, responses, same_stimuli


def rv2(x: Activity, y: Activity) -> float:
    """RV coefficient of two representations, without the diagonals of their Grams (RV2).

    ``tr(K L) / sqrt(tr(K K) tr(L L))`` of the Grams K = XX', L = YY' of the activity, centred over stimuli, with their
    diagonals set to 0. Smilde et al. 2009, doi 10.1093/bioinformatics/btn634, equation 4. With the diagonals it is
    biased linear CKA. That takes away most of the bias, not all: since activity is centred first, independent noise of
    p units and n stimuli has about p / (p + n^2) instead of 0, which is 0.05 for 100 stimuli and 500 units, but 0.67
    for 50 stimuli and 5000 units, where debiased `cka` has 0 in expectation.

    Parameters
    ----------
    x, y : Tensor or array, shape (stimulus, unit)
        Activity for the same stimuli.

    Returns
    -------
    float, in [-1, 1]
        1: equal up to rotation, scale and offset. Not-a-number where one does not vary over stimuli.

    Examples
    --------
    >>> x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [5.0, 3.0]])
    >>> round(rv2(x, 2 * x.flip(1) + 1), 6)
    1.0
    """
    first, second = responses(x, "x"), responses(y, "y")
    same_stimuli(first, second)
    grams = []
    for values in (first, second):
        varies = values.amax(dim=0) != values.amin(dim=0)
        centred = torch.where(varies, values - values.mean(dim=0), 0.0)
        gram = centred @ centred.T
        grams.append(gram.fill_diagonal_(0.0))
    return float((grams[0] * grams[1]).sum() / (grams[0].norm() * grams[1].norm()))

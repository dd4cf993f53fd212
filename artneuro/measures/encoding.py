"""Encoding models: how well the units of a network predict the responses of neurons or voxels, given their noise.

Yamins et al. 2014, doi 10.1073/pnas.1403112111; Schrimpf et al. 2018, doi 10.1101/407007 (Brain-Score).
"""

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.responses import Activity, refuse_missing, responses, same_stimuli, tensor_of
from artneuro.seeds import Stream

PENALTIES = tuple(10.0**power for power in range(-3, 7))


def encoding_predictions(
    features: Activity,
    neurons: Activity,
    method: Literal["ridge", "pls"] = "ridge",
    *,
    stream: Stream,
    folds: int = 5,
    components: int = 25,
) -> Tensor:
    """Cross-validated predictions of responses from a network's activity.

    - ``ridge``: features standardised on the training folds; the penalty of each neuron, from 1e-3 to 1e6 in powers of
      ten, is the best in leave-one-out cross-validation within them;
    - ``pls``: partial least squares with `components` (25 in Brain-Score), features centred but not scaled.

    Parameters
    ----------
    features : Tensor or array, shape (stimulus, unit)
        Activity of the network.
    neurons : Tensor or array, shape (stimulus, neuron)
        Responses to be predicted, averaged over repeats.
    method : {"ridge", "pls"}
        See above.
    stream : Stream
        Source of randomness, for the folds.
    folds : int
        Parts of the stimuli, each predicted from the others.
    components : int
        For ``pls``; at most the units and the stimuli that train less one.

    Returns
    -------
    Tensor, shape (stimulus, neuron), float64

    Examples
    --------
    >>> x = torch.rand(40, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    >>> predicted = encoding_predictions(x, x @ torch.ones(3, 2).double(), stream=Stream(0))
    >>> encoding_fit(predicted, x @ torch.ones(3, 2).double()).round(decimals=3)
    tensor([1., 1.], dtype=torch.float64)
    """
    from sklearn.cross_decomposition import PLSRegression
    from sklearn.linear_model import RidgeCV
    from sklearn.model_selection import KFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    given, wanted = responses(features, "features"), responses(neurons, "neurons")
    same_stimuli(given, wanted)
    stimuli, units = given.shape
    if folds < 2 or stimuli < 2 * folds:
        raise ActivityError(f"folds: required at least 2, with 2 stimuli each; came {folds} for {stimuli} stimuli")
    if method == "ridge":
        model = make_pipeline(StandardScaler(), RidgeCV(PENALTIES, alpha_per_target=True))
    elif method == "pls":
        most = min(units, stimuli - -(-stimuli // folds) - 1)
        if not 1 <= components <= most:
            raise ActivityError(
                f"components: required from 1 to {most}, for {units} units and {stimuli} stimuli in {folds} folds; "
                f"came {components}"
            )
        model = PLSRegression(components, scale=False)
    else:
        raise ValueError(f"method: required ridge or pls; came {method!r}")
    x, y = given.cpu().numpy(), wanted.cpu().numpy()
    predicted = np.empty_like(y)
    for trained, tested in KFold(folds, shuffle=True, random_state=stream.entropy() >> 96).split(x):
        predicted[tested] = model.fit(x[trained], y[trained]).predict(x[tested]).reshape(len(tested), -1)
    return torch.from_numpy(predicted)


def encoding_fit(predicted: Activity, neurons: Activity, reliability: Activity | None = None) -> Tensor:
    """Correlation of predictions and responses of each neuron over stimuli, corrected for the noise of the responses.

    ``r / sqrt(reliability)``: what the correlation would be with responses without noise (Spearman 1904); predictions
    count as free of noise.

    Parameters
    ----------
    predicted, neurons : Tensor or array, shape (stimulus, neuron)
        As of `encoding_predictions`.
    reliability : Tensor or array, shape (neuron,), optional
        Of the averaged responses, as `split_half_reliability` gives it. Without, nothing is corrected.

    Returns
    -------
    Tensor, shape (neuron,), float64
        Not-a-number for neurons that do not vary, and where the reliability is 0 or less: leave them out, and say how
        many. Noise can take a corrected value above 1.

    Examples
    --------
    >>> encoding_fit(torch.arange(4.0)[:, None], 2 * torch.arange(4.0)[:, None], torch.tensor([0.25])).round(decimals=6)
    tensor([2.], dtype=torch.float64)
    """
    fitted, wanted = responses(predicted, "predicted"), responses(neurons, "neurons")
    if fitted.shape != wanted.shape:
        raise ActivityError(
            f"required predictions of the shape of the responses; came {tuple(fitted.shape)} and {tuple(wanted.shape)}"
        )
    found = correlations(fitted, wanted)
    if reliability is None:
        return found
    sure = tensor_of(reliability).to(found)
    if sure.shape != found.shape:
        raise ActivityError(f"reliability: required shape {tuple(found.shape)}; came {tuple(sure.shape)}")
    return torch.where(sure > 0, found / sure.clamp(min=1e-12).sqrt(), torch.nan)


def split_half_reliability(repeats: Activity, *, stream: Stream, splits: int = 100) -> Tensor:
    """Reliability of the mean response of each neuron over repeats: split-half correlation, stepped up to all repeats.

    Repeats are halved at random, both means correlated over stimuli, and the mean r over `splits` becomes
    ``k r / (1 + (k - 1) r)`` for k = repeats in all over repeats in a half (Spearman 1910, Brown 1910).

    Parameters
    ----------
    repeats : Tensor or array, shape (repeat, stimulus, neuron)
        Responses to each presentation; at least 2. Where their number is odd, one is left out of each split.
        Not-a-number, for all neurons together, where a stimulus was presented less often; then the presentations of
        each stimulus are halved by themselves, and k is their mean number.
    stream : Stream
        Source of randomness.
    splits : int
        How often repeats are halved.

    Returns
    -------
    Tensor, shape (neuron,), float64
        1: no noise. Not-a-number for neurons that do not vary.

    Examples
    --------
    >>> repeats = torch.arange(4.0)[None, :, None].repeat(2, 1, 1)
    >>> split_half_reliability(repeats, stream=Stream(0), splits=1).round(decimals=6)
    tensor([1.], dtype=torch.float64)
    """
    values = tensor_of(repeats).double()
    if values.ndim != 3 or len(values) < 2:
        raise ActivityError(
            f"repeats: required shape (repeat, stimulus, neuron) with at least 2 repeats; came {tuple(values.shape)}"
        )
    if bool(values.isnan().any()):
        return _unequal_halves(values, stream, splits)
    refuse_missing(values, "repeats")
    responses(values[0], "repeats[0]")
    half = len(values) // 2
    generator = stream.numpy()
    found = []
    for _ in range(splits):
        order = torch.from_numpy(generator.permutation(len(values))).to(values.device)
        found.append(correlations(values[order[:half]].mean(dim=0), values[order[half : 2 * half]].mean(dim=0)))
    r = torch.stack(found).mean(dim=0)
    longer = len(values) / half
    return longer * r / (1 + (longer - 1) * r)


def _unequal_halves(values: Tensor, stream: Stream, splits: int) -> Tensor:
    """Split-half reliability where stimuli were presented unequally often."""
    there = ~values.isnan().any(dim=2)
    if bool((values.isnan().any(dim=2) != values.isnan().all(dim=2)).any()):
        raise ActivityError("repeats: required a presentation to be missing for all neurons or none; came some")
    counts = there.sum(dim=0)
    if int(counts.min()) < 2:
        raise ActivityError(
            f"repeats: required at least 2 presentations of each stimulus; {int((counts < 2).sum())} have fewer. Leave "
            "these stimuli out."
        )
    known = torch.where(there[..., None], values, 0.0)
    refuse_missing(known, "repeats")
    responses(known[0], "repeats[0]")
    half, generator = counts // 2, stream.numpy()
    found = []
    for _ in range(splits):
        drawn = torch.from_numpy(generator.random(tuple(there.shape))).to(values)
        place = torch.where(there, drawn, 2.0).argsort(dim=0).argsort(dim=0)  # presentations that there were, first
        first, second = place < half, (place >= half) & (place < 2 * half)
        means = [(known * part[..., None]).sum(dim=0) / half[:, None] for part in (first, second)]
        found.append(correlations(*means))
    r = torch.stack(found).mean(dim=0)
    longer = float(counts.double().mean() / half.double().mean())
    return longer * r / (1 + (longer - 1) * r)


def correlations(x: Tensor, y: Tensor) -> Tensor:
    """Pearson's correlation of each column of one matrix with that of the other; not-a-number where one is constant."""
    constant = (x.amax(dim=0) == x.amin(dim=0)) | (y.amax(dim=0) == y.amin(dim=0))
    x, y = x - x.mean(dim=0), y - y.mean(dim=0)
    return torch.where(constant, torch.nan, (x * y).sum(dim=0) / (x.norm(dim=0) * y.norm(dim=0)))

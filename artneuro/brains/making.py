"""Plain arrays -> a brain: what files hold is checked here, in words, before anything is made of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from artneuro import records
from artneuro.brains.brain import LABELS, Brain
from artneuro.errors import DataError

Array = NDArray[Any]


def brain_of(
    name: str,
    arrays: Mapping[str, Any],
    *,
    subjects: Sequence[str] | None = None,
    stimuli: Sequence[int] | None = None,
    shares: str = "",
    source: str = "",
    terms: str = "",
) -> Brain:
    """Make a brain of plain arrays.

    Parameters
    ----------
    name : str
        What it is called; errors begin with it.
    arrays : mapping of name to array
        At least one of

        - ``dissimilarity``: (stimulus, stimulus), (subject, stimulus, stimulus), or as pairs (subject, pair) in the
          order of `artneuro.measures.rdm`; symmetric;
        - ``activity``: (stimulus, unit), or ``trial_activity``: (repeat, stimulus, unit), not-a-number where a stimulus
          was presented less often; of trials alone, activity is the mean;
        - ``answers``: (stimulus, class), counts of people; ``answer``: (subject, stimulus), places along ``classes``,
          -1 for none;

        and, if there are: ``images`` (stimulus, y, x) or (stimulus, y, x, channel), bytes; ``names``, ``category`` and
        ``texture`` (stimulus); ``classes`` (class); ``subjects`` (subject); ``site`` (unit).
    subjects : sequence of str, optional
        Names of people or animals, where `arrays` has none; by default their numbers.
    stimuli : sequence of int, optional
        Position of each stimulus in its set; by default 0, 1, ...
    shares, source, terms : str
        See `Brain`.

    Raises
    ------
    DataError
        Naming the array, what was required and what came.

    Examples
    --------
    >>> found = brain_of("two people", {"dissimilarity": 1 - np.stack([np.eye(4)] * 2), "names": list("abcd")})
    >>> found
    Brain('two people': dissimilarity; 4 stimuli, no images)
    >>> found.rdms().shape
    torch.Size([2, 6])
    """
    values = {key: np.asarray(value) for key, value in arrays.items() if value is not None}
    if "dissimilarity" in values:
        values["dissimilarity"] = _square(name, values["dissimilarity"])
    if "trial_activity" in values and "activity" not in values:
        values["activity"] = _mean_of_trials(name, values["trial_activity"])
    sizes: dict[str, int] = {}
    for key in LABELS:
        if key in values:
            _fits(name, key, values[key], sizes)
    if not sizes:
        raise DataError(f"{name}: required at least one of {', '.join(LABELS)}; came {', '.join(values) or 'nothing'}")
    count = sizes["stimulus"]
    if count < 4:
        raise DataError(f"{name}: required at least 4 stimuli; came {count}")
    coords: dict[str, Any] = {
        "stimulus": np.arange(count) if stimuli is None else np.asarray(stimuli),
        "stimulus_name": _text(name, "names", values.get("names", np.arange(count)), count),
    }
    for key in ("category", "texture"):
        if key in values:
            coords[key] = _text(name, key, values[key], count)
    if "dissimilarity" in values:
        coords["other_stimulus"] = coords["stimulus"]
    if "subject" in sizes:
        people = values.get("subjects", np.arange(sizes["subject"]) if subjects is None else np.asarray(subjects))
        coords["subject"] = _text(name, "subjects", people, sizes["subject"])
    if "class" in sizes or "answer" in values:
        known = sizes.get("class", int(values["answer"].max()) + 1 if "answer" in values else 0)
        coords["class"] = _text(name, "classes", values.get("classes", np.arange(known)), sizes.get("class"))
    if "unit" in sizes:
        coords["unit_site"] = _text(name, "site", values.get("site", np.full(sizes["unit"], name)), sizes["unit"])
        coords["unit_index"] = np.arange(sizes["unit"])
    if "answer" in values and not (values["answer"].min() >= -1 and values["answer"].max() < len(coords["class"])):
        came = f"{values['answer'].min()} to {values['answer'].max()}"
        raise DataError(f"{name}: answer: required places among {len(coords['class'])} classes, or -1; came {came}")
    held = {key: values[key] for key in LABELS if key in values}
    record = records.dataset(held, LABELS, coords, title=name)
    images = _images(name, values["images"], count) if "images" in values else None
    return Brain(name=name, record=record, images=images, shares=shares, source=source, terms=terms)


def _fits(name: str, key: str, values: Array, sizes: dict[str, int]) -> None:
    """Check kind and shape of one array, and that dims have the same size as in others."""
    dims = LABELS[key].dims
    if values.dtype.kind not in "iuf" or values.ndim != len(dims) or not values.size:
        raise DataError(f"{name}: {key}: required numbers of shape ({', '.join(dims)}); came {_shown(values)}")
    if key == "answer" and values.dtype.kind not in "iu":
        raise DataError(f"{name}: answer: required whole numbers, places along classes; came {_shown(values)}")
    bad = ~np.isfinite(values)
    if key == "trial_activity":
        bad &= ~np.isnan(values)  # a presentation that there was not
    if bad.any():
        raise DataError(f"{name}: {key}: required finite numbers; {int(bad.sum())} of {values.size} are not")
    if key == "answers" and values.min() < 0:
        raise DataError(f"{name}: answers: required counts >= 0; came {values.min()}")
    for dim, size in zip(dims, values.shape, strict=True):
        dim = "stimulus" if dim == "other_stimulus" else dim
        if sizes.setdefault(dim, size) != size:
            raise DataError(f"{name}: {key}: required {sizes[dim]} along {dim}, as elsewhere; came {size}")


def _square(name: str, values: Array) -> Array:
    """Return dissimilarities as (subject, stimulus, stimulus)."""
    if values.dtype.kind not in "iuf":
        raise DataError(f"{name}: dissimilarity: required numbers; came {_shown(values)}")
    pairs = values.shape[-1] if values.ndim else 0
    count = int((1 + (1 + 8 * pairs) ** 0.5) / 2)
    if values.ndim in (2, 3) and values.shape[-1] == values.shape[-2]:
        square = values if values.ndim == 3 else values[None]
        if not np.array_equal(square, square.swapaxes(1, 2)):
            off = float(np.abs(square - square.swapaxes(1, 2)).max())
            raise DataError(f"{name}: dissimilarity: required a symmetric matrix; came one that differs by {off:.3g}")
        return square
    if values.ndim in (1, 2) and count * (count - 1) // 2 == pairs:
        rows = values.reshape(-1, pairs)
        square = np.zeros((len(rows), count, count), dtype=values.dtype)
        first, second = np.triu_indices(count, 1)
        square[:, first, second] = square[:, second, first] = rows
        return square
    required = "(stimulus, stimulus), (subject, stimulus, stimulus) or (subject, pair)"
    raise DataError(f"{name}: dissimilarity: required shape {required}; came {values.shape}")


def _mean_of_trials(name: str, trials: Array) -> Array:
    if trials.dtype.kind not in "iuf" or trials.ndim != 3:
        raise DataError(f"{name}: trial_activity: required numbers (repeat, stimulus, unit); came {_shown(trials)}")
    there = ~np.isnan(trials)
    if not there.any(axis=0).all():
        raise DataError(f"{name}: trial_activity: some stimuli were never presented to some units; leave them out")
    mean: Array = np.where(there, trials, 0).sum(axis=0) / there.sum(axis=0)
    return mean


def _text(name: str, key: str, values: Array, size: int | None) -> Array:
    array = np.asarray(values)
    if array.ndim != 1 or (size is not None and len(array) != size):
        raise DataError(f"{name}: {key}: required {size} names; came {_shown(array)}")
    return np.array([one.decode(errors="replace") if isinstance(one, bytes) else str(one) for one in array.tolist()])


def _images(name: str, values: Array, count: int) -> torch.Tensor:
    images = values[..., None] if values.ndim == 3 else values
    right = images.dtype == np.uint8 and images.ndim == 4 and images.shape[3] in (1, 3) and len(images) == count
    if not right:
        required = f"bytes of shape ({count}, y, x) or ({count}, y, x, channel), of 1 or 3 channels"
        raise DataError(f"{name}: images: required {required}; came {_shown(values)}")
    return torch.tensor(images).permute(0, 3, 1, 2).contiguous()


def _shown(array: Array) -> str:
    return f"{array.dtype} of shape {array.shape}"

"""Class selectivity: how strongly a unit prefers one class over all others.

Morcos et al. 2018, arXiv 1803.06959, section 2.3.
"""

import torch
from torch import Tensor

from artneuro.errors import NegativeActivityError
from artneuro.measures.responses import Activity, labelled_responses, tensor_of


def class_means(activity: Activity, targets: Activity, classes: int) -> Tensor:
    """Mean activity of each unit to the stimuli of each class.

    Parameters
    ----------
    activity : Tensor or array, shape (stimulus, unit)
        One number a unit and stimulus; feature maps are averaged over their positions first (`spatial_mean`).
    targets : Tensor or array of int, shape (stimulus,)
        Class of each stimulus, in 0..classes-1.
    classes : int
        Number of classes.

    Returns
    -------
    Tensor, shape (classes, unit), float64
        Not-a-number for a class without stimuli.

    Raises
    ------
    ActivityError
        Where shapes do not go together, or activity is missing or infinite.

    Examples
    --------
    >>> class_means(torch.tensor([[1.0], [3.0], [5.0]]), torch.tensor([0, 0, 1]), 2)
    tensor([[2.],
            [5.]], dtype=torch.float64)
    """
    activity, targets = labelled_responses(activity, targets)
    members = torch.nn.functional.one_hot(targets, classes).to(torch.float64)
    return (members.T @ activity.double()) / members.sum(dim=0)[:, None]


def class_selectivity(class_means: Activity) -> Tensor:
    """Difference of the preferred class and the rest, over their sum.

    ``(best - rest) / (best + rest)``: `best` is the largest class mean of the unit, `rest` the mean of the others.

    Parameters
    ----------
    class_means : Tensor or array, shape (classes, unit), activity >= 0
        Mean activity of each unit to each class. Classes without stimuli (not-a-number) are left out.

    Returns
    -------
    Tensor, shape (unit,), in [0, 1]
        0: equal response to every class; 1: response to one class only. A silent unit has 0.

    Raises
    ------
    NegativeActivityError
        Where a mean is below 0: the index is not defined for signed activity.

    Examples
    --------
    >>> class_selectivity(torch.tensor([[3.0, 1.0], [1.0, 1.0], [1.0, 1.0]]))
    tensor([0.5000, 0.0000])
    """
    means = tensor_of(class_means)
    shown = means[~means.isnan().any(dim=1)]
    if len(shown) < 2:
        raise ValueError(f"class selectivity compares classes: at least 2 with stimuli are required; came {len(shown)}")
    negative = int((shown < 0).any(dim=0).sum())
    if negative:
        raise NegativeActivityError(
            f"class selectivity needs activity >= 0; {negative} of {shown.shape[1]} units have a negative class mean. "
            "Measure it after a nonlinearity that is never negative, such as a ReLU."
        )
    best = shown.max(dim=0).values
    rest = (shown.sum(dim=0) - best) / (len(shown) - 1)
    # rounding in the sum can leave the rest a hair below 0 or above the best
    return torch.nan_to_num((best - rest) / (best + rest)).clamp(0.0, 1.0)


def preferred_class(class_means: Activity) -> Tensor:
    """Class to which each unit responds most; the first of equals.

    Parameters
    ----------
    class_means : Tensor or array, shape (classes, unit)
        Mean activity of each unit to each class; a class without stimuli (not-a-number) is never preferred.

    Returns
    -------
    Tensor, shape (unit,), int64

    Examples
    --------
    >>> preferred_class(torch.tensor([[3.0, 1.0], [1.0, 2.0]]))
    tensor([0, 1])
    """
    return tensor_of(class_means).nan_to_num(nan=-torch.inf).argmax(dim=0)

"""Prospect: what a search will take, before it runs."""

from pathlib import Path
from typing import final

import attrs

from artneuro.study.declaration import Declaration
from artneuro.study.forecast import forecast
from artneuro.study.tuning.declaration import Tune
from artneuro.study.tuning.space import planned, search_space


@final
@attrs.frozen
class Prospect:
    """What a search will take, if nothing of it is done yet.

    Parameters
    ----------
    arm : str
    tune : Tune
    epochs : int
        Epochs of all subjects of all trials, if none is cut short and every trial is as long as the longest can be.
    seconds : float
        For these epochs, with the values at the lower ends of the ranges; judged as `forecast` judges a study.
    """

    arm: str
    tune: Tune
    epochs: int
    seconds: float


def prospect(
    declaration: Declaration, data_root: Path | str | None = None, workers: int = 1, device: str = "cpu"
) -> Prospect:
    """Forecast what a search will take, in a few seconds, without side effects.

    Raises
    ------
    SpecificationError
        Where what is searched does not fit the study.
    """
    space = search_space(declaration)
    tune = space.tune
    low, high = (space.trial(space.corner(end)) for end in (0, -1))
    lived = max(1, low.cohort.rearing.epochs)
    longest = max(lived, high.cohort.rearing.epochs)
    each = forecast(planned(space, data_root, device)).seconds / lived
    at_once = min(workers, tune.at_once)
    return Prospect(space.arm, tune, tune.budget * tune.subjects * longest, tune.budget * each * longest / at_once)

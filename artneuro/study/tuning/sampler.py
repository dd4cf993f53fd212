"""Sampler: which values a trial gets, from what the trials before it have found. The one door to Optuna.

Bergstra, Bardenet, Bengio and Kegl 2011, "Algorithms for hyper-parameter optimization": a tree-structured Parzen
estimator models the density of good and of other values, and proposes where the ratio of the two is largest.
"""

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, final

import attrs

from artneuro.extras import needed
from artneuro.records import content_key
from artneuro.seeds import Stream
from artneuro.study.tuning.declaration import Range, Tune
from artneuro.study.tuning.parameter import Parameter
from artneuro.study.tuning.space import Values


@final
@attrs.frozen
class Told:
    """What is known of an earlier trial.

    Parameters
    ----------
    values : mapping of path to value
    reached : float or None
        The objective where it ended; None where it has none: it diverged, could not be reared, or is under way.
    epochs : int
        Epochs it lived.
    ended : bool
        Whether it is no longer under way.
    completed : bool
        Whether it lived to the end.
    """

    values: Values
    reached: float | None = None
    epochs: int = 0
    ended: bool = False
    completed: bool = False


def suggest(tune: Tune, parameters: Mapping[str, Parameter], number: int, told: Sequence[Told]) -> dict[str, Any]:
    """Return the values of a trial.

    They follow from what is searched, the number of the trial and what is told, and from nothing else: whoever asks
    again, in another process and after a search was killed, gets the same.

    Parameters
    ----------
    tune : Tune
        What is searched, and the seed of the search.
    parameters : mapping of path to Parameter
        What stands at each path.
    number : int
        Number of the trial, from 0.
    told : sequence of Told
        Earlier trials. One that diverged counts as worse than any other.

    Raises
    ------
    RunError
        Where Optuna is not installed.

    Examples
    --------
    >>> from artneuro.fields import build
    >>> tune = build(Tune, {"over": {"x": {"low": 0.0, "high": 1.0}}})
    >>> first = suggest(tune, {"x": Parameter(float)}, 0, [])
    >>> first == suggest(tune, {"x": Parameter(float)}, 0, []), 0 <= first["x"] <= 1
    (True, True)
    """
    optuna = library()
    space = {path: _distribution(optuna, tried, parameters[path]) for path, tried in tune.over.items()}
    sampler = optuna.samplers.TPESampler(
        n_startup_trials=tune.startup,
        multivariate=True,
        constant_liar=True,  # a trial under way keeps others from its place
        seed=Stream(tune.seed).child("tuning", number).entropy() % 2**32,
    )
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        study = optuna.create_study(sampler=sampler, direction="maximize" if tune.rising else "minimize")
        study.add_trials(_frozen(optuna, tune, space, one) for one in told)
        found: Mapping[str, Any] = study.ask(space).params
    finally:
        optuna.logging.set_verbosity(before)
    return {path: value_of(tune.over[path], found[path]) for path in tune.over}


def library() -> ModuleType:
    """Return Optuna.

    Raises
    ------
    RunError
        Where it is not installed.
    """
    with needed("tune", "tuning", "Optuna"):
        import optuna  # an extra: only who tunes needs it
    return optuna


def value_of(tried: Range, found: Any) -> Any:
    """Return the value that the search has found: a number, or the choice at a position."""
    return found if tried.choices is None else tried.choices[found]


def _position(tried: Range, value: Any) -> Any:
    """Return where a value stands among the choices; 1 and true are equal in Python, and two choices."""
    return value if tried.choices is None else [*map(content_key, tried.choices)].index(content_key(value))


def _distribution(optuna: ModuleType, tried: Range, parameter: Parameter) -> Any:
    made = optuna.distributions
    if tried.choices is not None:  # by position, for a choice may be a list or a mapping
        return made.CategoricalDistribution(range(len(tried.choices)))
    kind = made.IntDistribution if parameter.number is int else made.FloatDistribution
    return kind(tried.low, tried.high, log=tried.log)


def _frozen(optuna: ModuleType, tune: Tune, space: Mapping[str, Any], told: Told) -> Any:
    """Return a trial as Optuna knows it; one that was cut short without any result counts as the worst of all."""
    states = optuna.trial.TrialState
    state = states.COMPLETE if told.completed else states.PRUNED if told.ended else states.RUNNING
    return optuna.trial.create_trial(
        state=state,
        value=told.reached if told.completed else None,
        params={path: _position(tune.over[path], value) for path, value in told.values.items()},
        distributions=dict(space),
        intermediate_values={told.epochs: told.reached} if told.ended and told.reached is not None else {},
    )

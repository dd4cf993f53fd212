"""Formula: environments that are computed and not read; what the tasks of networks in space have in common."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from artneuro.environment.environment import Environment, EnvironmentSource, Stimuli
from artneuro.seeds import Stream


def computed(
    source: EnvironmentSource,
    whole: Stimuli,
    train: Tensor,
    test: Tensor,
    *,
    classes: Sequence[str] = (),
    values: Sequence[str] = (),
    device: torch.device | str = "cpu",
) -> Environment:
    """Return the environment of a computed set of stimuli; nothing is normalised.

    Parameters
    ----------
    source : EnvironmentSource
        The declaration.
    whole : Stimuli
        All of them.
    train, test : Tensor, shape (stimulus,), int64
        Which of them are learnt, and which are asked.
    classes, values : sequence of str
        Names of the one or the other.
    """
    sets = whole.of_numbers(train), whole.of_numbers(test)
    channels = whole.images.shape[1]
    mean, std = torch.zeros(channels), torch.ones(channels)
    return Environment(source, *sets, tuple(classes), mean, std, tuple(values)).to(device)


def divided(count: int, share: float, stream: Stream) -> tuple[Tensor, Tensor]:
    """Return the numbers of a random share of so many stimuli, and those of the others, each ascending.

    Examples
    --------
    >>> [len(part) for part in divided(10, 0.8, Stream(0))]
    [8, 2]
    """
    order = torch.randperm(count, generator=stream.torch())
    taken = round(share * count)
    return order[:taken].sort().values, order[taken:].sort().values


def uniform(low: float, high: float, shape: tuple[int, ...], stream: Stream) -> Tensor:
    """Return uniform numbers in double precision that single precision holds exactly.

    Stimuli are kept in single precision; so targets computed from these numbers belong to the stimuli exactly.
    """
    drawn = torch.rand(shape, generator=stream.torch(), dtype=torch.float64)
    return (low + (high - low) * drawn).float().double()


def one_hot(tokens: Tensor, vocabulary: int) -> Tensor:
    """Return tokens (stimulus, position) as stimuli (stimulus, 1, position, token), 1 at the token and 0 elsewhere."""
    return torch.nn.functional.one_hot(tokens, vocabulary).float().unsqueeze(1)


def stimuli_of(images: Tensor, targets: Tensor, quantities: Mapping[str, Tensor]) -> Stimuli:
    """Return a whole set, numbered in its own order, with what the task goes through."""
    own = {name: values.double() for name, values in quantities.items()}
    return Stimuli(images.float(), targets, torch.arange(len(targets)), own)

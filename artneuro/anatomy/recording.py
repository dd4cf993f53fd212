"""Recording: what the units of a site do while the network sees stimuli."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from torch import Tensor, nn

from artneuro.errors import Problem, SpecificationError
from artneuro.registry import suggestion


@contextmanager
def hooked(
    model: nn.Module, hooks: Mapping[str, Callable[..., Any]], when: Literal["before", "after"] = "after"
) -> Iterator[None]:
    """Put forward hooks on modules of a model, by module name, for the block only.

    Hooks that act before a module are called with (module, inputs), those after it with (module, inputs, output).

    Raises
    ------
    SpecificationError
        Where the model has no module of such a name.
    """
    modules = dict(model.named_modules())
    unknown = [name for name in hooks if name not in modules]
    if unknown:
        valid = [name for name in modules if name]
        raise SpecificationError(
            Problem("module", "the name of a module of the model", repr(name), suggestion(name, valid))
            for name in unknown
        )
    put = nn.Module.register_forward_pre_hook if when == "before" else nn.Module.register_forward_hook
    handles = [put(modules[name], hook) for name, hook in hooks.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def record_activity(
    model: nn.Module, modules: Mapping[str, str], x: Tensor, when: Literal["before", "after"] = "after"
) -> dict[str, Tensor]:
    """Record the activity at sites during one forward pass.

    What is recorded is a copy, so that a later operation which works in place (``nn.ReLU(inplace=True)``) cannot
    overwrite it. Only the modules asked for are kept. The mode of the model and torch's gradient mode are the
    caller's.

    Parameters
    ----------
    model : nn.Module
        The network.
    modules : mapping of str to str
        Name of the site -> name of the torch module, as `Anatomy.sites` gives it.
    x : Tensor, shape (stimulus, channel, y, x)
        Stimuli as presented.
    when : {"after", "before"}
        What a module gives, such as a ReLU's output, or what goes into it: activity before the nonlinearity.

    Returns
    -------
    dict of str to Tensor, shape (stimulus, unit, ...)
        Activity at each site, in the order of `modules`.

    Raises
    ------
    SpecificationError
        Where a module does not exist, is not called exactly once in a forward pass (its output would be ambiguous),
        or does not give one tensor.

    Examples
    --------
    >>> import torch
    >>> model = nn.Sequential(nn.Identity(), nn.ReLU(inplace=True))
    >>> activity = record_activity(model, {"before": "0", "after": "1"}, torch.tensor([[-1.0, 2.0]]))
    >>> activity["before"], activity["after"]
    (tensor([[-1.,  2.]]), tensor([[0., 2.]]))
    >>> record_activity(model, {"into": "1"}, torch.tensor([[-1.0, 2.0]]), when="before")["into"]
    tensor([[-1.,  2.]])
    """
    recorded: dict[str, list[Any]] = {name: [] for name in modules.values()}

    def keep(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: Any, *output: Any) -> None:
            (seen,) = output or (inputs[0] if len(inputs) == 1 else inputs,)
            recorded[name].append(seen.clone() if isinstance(seen, Tensor) else seen)

        return hook

    with hooked(model, {name: keep(name) for name in recorded}, when):
        model(x)
    found = [problem for site, name in modules.items() for problem in _ambiguities(site, name, recorded[name], when)]
    if found:
        raise SpecificationError(found)
    return {site: recorded[name][0] for site, name in modules.items()}


def _ambiguities(site: str, name: str, outputs: list[Any], when: str) -> Iterator[Problem]:
    if len(outputs) != 1:
        advice = (
            "Give each use its own module (two `nn.ReLU()` instead of one used twice), and name the one that is meant."
            if outputs
            else "Name a module that `forward` calls."
        )
        required = f"a module called once in a forward pass ({name})"
        yield Problem(f"sites.{site}", required, f"one called {len(outputs)} times", advice)
    elif not isinstance(outputs[0], Tensor):
        advice = "Name a module inside it, or wrap it so that it returns the tensor alone."
        does = "returns" if when == "after" else "takes"
        yield Problem(f"sites.{site}", f"a module that {does} one tensor ({name})", type(outputs[0]).__name__, advice)

"""A deficit of the user's own: any function of what is seen, handed over in Python with `deficit_of`."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, final

import torch
from torch import Tensor

from artneuro.environment.environment import Environment
from artneuro.environment.presentation import Presentation
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, param
from artneuro.own_code import arguments, given_as_data, identity, is_code, not_handed_over
from artneuro.rearing.intervention import Perceptual
from artneuro.rearing.timing import Clock, Window
from artneuro.registry import register
from artneuro.seeds import Stream

Function = Callable[..., Tensor]

_handed_over: dict[tuple[str, str], Function] = {}


@final
@register("OwnDeficit")
@define_spec
class OwnDeficit(Perceptual):
    """Show training stimuli as a function of the user's makes them; it is handed over with `deficit_of`."""

    function: str = param(doc="qualified name of the function, as package.module:name")
    source: str = param(doc="digest of its source code, so that a changed function is another deficit")
    parameters: Mapping[str, Any] = param({}, doc="what it is called with, besides what it asks for by name")
    when: Literal["before", "after"] = param("after", doc="before or after augmentation")
    window: Window = param(Window(), doc="when it acts")

    def problems(self) -> Iterator[Problem]:
        """Refuse a function that was not handed over, or has changed since."""
        name = self.function.rpartition(":")[2]
        yield from not_handed_over("function", self.function, self.source, _handed_over, f"deficit_of({name})")

    def refusals(self, environment: Environment) -> Iterable[Problem]:
        """Refuse a function that does not turn two stimuli of the environment into two of the same shape."""
        stimuli = environment.present(environment.train.images[:2])[None]
        required = f"a function that returns float32 stimuli {tuple(stimuli.shape)} for such stimuli"
        try:
            seen: object = self.perceive(stimuli.clone(), Clock(0, 0), (Stream(0),), environment.presentation)
        except Exception as error:  # a user's function may raise anything
            return [Problem("function", required, f"{type(error).__name__}: {error}")]
        if not isinstance(seen, Tensor):
            return [Problem("function", required, type(seen).__name__)]
        if seen.shape != stimuli.shape or seen.dtype != torch.float32 or seen.device != stimuli.device:
            return [Problem("function", required, f"{seen.dtype} of shape {tuple(seen.shape)} on {seen.device}")]
        return []

    def stage(self) -> Literal["before", "after"]:
        """Tell when it acts."""
        return self.when

    def perceive(
        self, stimuli: Tensor, clock: Clock, streams: tuple[Stream, ...], presentation: Presentation
    ) -> Tensor:
        """Return what the function makes of the stimuli (subject, batch, channel, y, x)."""
        function = _handed_over[self.function, self.source]
        offered = {"clock": clock, "streams": streams, "presentation": presentation}
        return function(stimuli, **arguments(function, offered, self.parameters))


def deficit_of(
    function: Function,
    *,
    parameters: Mapping[str, Any] | None = None,
    when: Literal["before", "after"] = "after",
    window: Window | None = None,
) -> OwnDeficit:
    """Make a deficit of any function of what is seen.

    Parameters
    ----------
    function : function
        Called with stimuli, a float32 tensor (subject, batch, channel, y, x) on the device, normalised; returns a new
        one of the same shape, and leaves the one it got as it is. Where it has parameters named ``clock`` (`Clock`),
        ``streams`` (one `Stream` a subject) or ``presentation`` (`Presentation`, with which normalised stimuli become
        pixels and pixels stimuli) it is given them. It must treat subjects alike and each by itself, and draw random
        numbers from that subject's stream alone, with ``clock.step`` in the path.
    parameters : mapping, optional
        Further keyword arguments: numbers, text, lists and mappings of them (tuples become lists), which are written
        into records.
    when : {"before", "after"}
        Before or after augmentation.
    window : Window, optional
        When it acts; always, if left out.

    Returns
    -------
    OwnDeficit
        Its identity is the qualified name, a digest of the function's source and the parameters. What else the function
        calls is not part of it. To load a subject that was reared with it in another session, call `deficit_of` for the
        function first.

    Examples
    --------
    >>> def inverted(stimuli, presentation, strength=1.0):
    ...     pixels = presentation.pixels(stimuli)
    ...     return presentation.stimuli(pixels + strength * (1 - 2 * pixels))
    >>> negative = deficit_of(inverted, window=Window(offset=5))
    >>> shown = Presentation(torch.zeros(1), torch.ones(1))
    >>> negative.perceive(torch.ones(1, 1, 1, 1, 2), Clock(0, 0), (Stream(0),), shown).flatten()
    tensor([0., 0.])
    """
    if not is_code(function):
        advice = "Hand over a function, with what it is called with as `parameters`."
        raise SpecificationError([Problem("function", "a function", repr(type(function)), advice)])
    offered = {"clock": None, "streams": None, "presentation": None}
    given = given_as_data(function, parameters, offered, first=["stimuli"])
    name, source = identity(function)
    _handed_over[name, source] = function
    return OwnDeficit(function=name, source=source, parameters=given, when=when, window=window or Window())

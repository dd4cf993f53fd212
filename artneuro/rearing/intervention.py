"""The roles an intervention can play while a litter is reared. The training loop knows these roles and nothing else."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, final

import torch
from torch import Tensor

from artneuro.environment.environment import Environment
from artneuro.environment.presentation import Presentation
from artneuro.errors import Problem
from artneuro.fields import Spec
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.timing import Clock, Window
from artneuro.rearing.tissue import Body, Memory, Tissue
from artneuro.registry import family
from artneuro.seeds import Stream


@family("intervention")
class Intervention(Spec, ABC):
    """Something done to subjects while they are reared; it plays one or more of the roles below.

    Parameters of a litter carry a leading `subject` dim in everything a role is handed, and `streams` holds one
    stream a subject, already narrowed to this intervention. An intervention keeps no state in itself: what must last is
    drawn again from its stream (a stream always starts at its beginning), derived from the clock, or *remembered*: what
    `memory` declares is carried by the litter, tensors of each subject beside its weights and the optimiser's state,
    through pauses, halved litters and files.

    What an intervention does in an epoch may depend on its parameters, the onset of its window and the clock, but never
    on the offset: what is done to a subject today must not follow from when it will end. So subjects whose
    interventions differ only in their offsets are the same until the first of these, and are reared once up to there.
    """

    __slots__ = ()

    window: Window

    def refusals(self, environment: Environment) -> Iterable[Problem]:
        """Yield why it cannot be done to subjects that grow up in an environment; asked before any rearing."""
        return ()

    def misfits(self, body: Body, rearing: Rearing, begin: Clock) -> Iterable[Problem]:
        """Yield why it cannot be done to such subjects in a rearing that begins when the clock stands at `begin`.

        Like `refusals`, asked before any rearing; here it may look at the network.
        """
        return ()

    def memory(self, body: Body, stream: Stream) -> Memory:
        """Return what is remembered of one subject before anything was done to it: tensors by name.

        Most remember nothing. The litter stacks them (subject, ...), hands them to the roles, which may change them in
        place, and carries them on until the rearing ends; a new rearing of an adult begins with a new memory, as it
        does with a new optimiser. Shapes follow from the intervention and the body alone.

        Parameters
        ----------
        stream : Stream
            The subject's, narrowed to this intervention.
        """
        return {}


class Perceptual(Intervention):
    """Acts on what subjects see."""

    __slots__ = ()

    def stage(self) -> Literal["before", "after"]:
        """Tell whether it acts before or after augmentation; most act after."""
        return "after"

    @abstractmethod
    def perceive(
        self, stimuli: Tensor, clock: Clock, streams: tuple[Stream, ...], presentation: Presentation
    ) -> Tensor:
        """Return stimuli as the subjects get them.

        Parameters
        ----------
        stimuli : Tensor, shape (subject, batch, channel, y, x), float32
            Normalised, and augmented where it acts after augmentation; in any memory format. It is not changed.
        clock : Clock
            Whose `step` is the update that these stimuli are for.
        presentation : Presentation
            How pixels were normalised, for what must be computed in pixels.
        """


class Instructive(Intervention):
    """Acts on what subjects are told: the target of each training stimulus.

    It is apart from `Perceptual` because an assay asks for the labels that a subject learnt, long after rearing.
    """

    __slots__ = ()

    @abstractmethod
    def relabel(self, targets: Tensor, classes: int, stream: Stream) -> Tensor:
        """Return the targets (stimulus,) of the whole training set as one subject is told them."""


class Modulatory(Intervention):
    """Acts on the activity at sites during the forward pass of training."""

    __slots__ = ()

    @abstractmethod
    def acts_at(self, sites: tuple[str, ...]) -> tuple[str, ...]:
        """Return the sites it acts at, of the anatomy's `sites`."""

    def acts_in_test(self) -> bool:
        """Tell whether it also acts when the subject is evaluated; most act in training only."""
        return False

    @abstractmethod
    def draw(self, shape: tuple[int, ...], clock: Clock, generator: torch.Generator) -> Tensor:
        """Draw what is random for one subject and site, outside the differentiated function.

        Parameters
        ----------
        shape : tuple of int
            (batch, *unit): shape of the activity.
        generator : torch.Generator
            Of this subject, site and epoch alone; it moves on from update to update.

        Returns
        -------
        Tensor
            What `modulate` needs, on the generator's device; mostly of the same shape. It is drawn once before any
            rearing, so that an intervention which does not fit the activity is refused in time.
        """

    def recall(self, drawn: Tensor, memory: Memory, clock: Clock) -> Tensor:
        """Return what `modulate` needs, from what was drawn and what is remembered; most need no memory.

        Parameters
        ----------
        drawn : Tensor, shape (subject, ...)
            What `draw` returned, stacked.
        memory : dict of str to Tensor, shape (subject, ...)
            See `Intervention.memory`; not to be changed here.
        """
        return drawn

    @abstractmethod
    def modulate(self, activity: Tensor, drawn: Tensor) -> Tensor:
        """Return the modulated activity (batch, *unit) of one subject.

        Pure tensor arithmetic, elementwise along the batch: it is differentiated, and computed for many subjects at
        once. Floating-point `drawn` comes in the activity's precision.
        """


class Penalty(Intervention):
    """Adds a term to the loss."""

    __slots__ = ()

    @abstractmethod
    def penalty(self, parameters: dict[str, Tensor], buffers: dict[str, Tensor], body: Body, clock: Clock) -> Tensor:
        """Return the scalar term for one subject; it is differentiated by its parameters.

        Parameters
        ----------
        parameters, buffers : dict of str to Tensor
            Of the subject, by name: what gradients train, and what they do not.
        body : Body
            Anatomy and environment; not to be changed.
        clock : Clock
            Whose `step` is the update that this is for.
        """

    def prices(
        self, parameters: Mapping[str, Tensor], buffers: Mapping[str, Tensor], body: Body, clock: Clock
    ) -> Mapping[str, Tensor] | None:
        """Return what the absolute value of each entry costs, where the term is ``sum |w| * price``; mostly None.

        Its gradient is then known, ``sign(w) * price``, and need not be found by differentiation, subject by subject.

        Parameters
        ----------
        parameters, buffers : mapping of str to Tensor, shape (subject, ...)
            Of a litter, by name; only shape and precision of parameters may count.

        Returns
        -------
        mapping of str to Tensor, or None
            Parameter -> prices >= 0, of a shape that broadcasts to (subject, ...); what is not named costs nothing.
            None where the term is anything else.
        """
        return None


@final
class Struck(NamedTuple):
    """Units of one subject that an event has befallen; it is written into the subject's history.

    Parameters
    ----------
    subject : int
        Place in the litter.
    units : Tensor, shape (unit,), int64
        Numbers of the units within the site.
    alive : bool
        Whether they live from now on: born anew, or woken; otherwise they have fallen silent.
    """

    subject: int
    units: Tensor
    alive: bool


@final
class Gained(NamedTuple):
    """What a round of swaps has gained one subject; it is written into the subject's history.

    Parameters
    ----------
    subject : int
        Place in the litter.
    gain : float
        By how much the wiring cost has fallen; 0 where no unit has changed places.
    """

    subject: int
    gain: float


class Structural(Intervention):
    """Acts on weights and optimiser state after an update."""

    __slots__ = ()

    def acts_upon(self, body: Body) -> tuple[str, int] | None:
        """Return the site whose units its events befall, and how many units that has; None where it has no events."""
        return None

    def begin(self, tissue: Tissue, clock: Clock, streams: tuple[Stream, ...]) -> Iterable[Struck]:
        """Change the litter before the first update of each epoch in which it acts; most do nothing then."""
        return ()

    @abstractmethod
    def restructure(self, tissue: Tissue, clock: Clock, streams: tuple[Stream, ...]) -> Iterable[Struck | Gained]:
        """Change the litter in place, and return what is to be written down, nothing in most updates.

        Parameters
        ----------
        tissue : Tissue
            Parameters, buffers and optimiser state of the litter, and what is remembered, each (subject, ...).
        clock : Clock
            Whose `step` counts the update that was just made.
        """


class Holding(Intervention):
    """Decides what an update leaves as it is.

    What was done may have to last, so it is asked at every update of the rearing, within its window and after it.
    """

    __slots__ = ()

    @abstractmethod
    def holds(self, tissue: Tissue, clock: Clock) -> Mapping[str, Tensor | None]:
        """Return what the coming update leaves as it is: weights, and what the optimiser keeps of them.

        Returns
        -------
        mapping of str to Tensor or None
            Name of a parameter or buffer -> the entries, bool, of a shape that broadcasts to the parameter's
            (subject, ...); None for all of it.
        """


class Teaching(Intervention):
    """Decides how gradients are made from the loss."""

    __slots__ = ()

    @abstractmethod
    def teach(self, gradients: dict[str, Tensor], parameters: dict[str, Tensor], clock: Clock) -> dict[str, Tensor]:
        """Return the gradients (subject, ...) that the optimiser is given; those of the loss and penalties come."""


class Halting(Intervention):
    """Ends the rearing of a subject early."""

    __slots__ = ()

    @abstractmethod
    def halts(self, history: dict[str, list[float]]) -> bool:
        """Tell whether a subject's rearing ends here.

        Parameters
        ----------
        history : dict
            Variable -> its values at each evaluation of this rearing, up to the latest; `epoch` counts the epochs of it
            lived by then.
        """

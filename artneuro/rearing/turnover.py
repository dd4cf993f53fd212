"""Turnover: units that die and are born while the subject learns, as adult neurogenesis would have it.

Tran et al. 2022, PNAS 119(45) e2206704119.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Literal, final

import torch
from torch import Tensor

from artneuro.anatomy.lesion_order import ranked
from artneuro.anatomy.sites import resolve_sites
from artneuro.anatomy.wiring import Part
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import between, define_spec, ge, param
from artneuro.rearing.intervention import Holding, Modulatory, Struck, Structural
from artneuro.rearing.ranking import Measure, Ranking, values
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.redrawing import entries, redraw, silence
from artneuro.rearing.timing import Clock, Window
from artneuro.rearing.tissue import Body, Memory, Tissue
from artneuro.registry import register
from artneuro.seeds import Stream


@final
@register("Turnover")
@define_spec
class Turnover(Structural, Holding, Modulatory):
    """Replace units of a site by newborn ones, let new ones grow, or let units fall silent.

    An event comes after an update. A newborn unit has the weights that it has in another network of the anatomy at
    birth, so every layer's own initialiser makes them: those into it, its bias, those out of it, and the scale, shift
    and running statistics of a batch norm beside the site. All other weights stay as they are; so does what a skip
    connection carries past these layers, which has none. A unit of a convolution is a feature map.

    replace
        Units begin anew, in their places.
    grow, prune
        The network keeps its shape; a *dormant* unit is one whose weights in and out are all zero and are held there,
        so that it adds nothing, whatever else is done, also after the window. `prune` makes units dormant. `grow`
        begins with `dormant` of them, chosen at random when the window opens, and wakes them as newborns; an event
        finds as many as are left.

    The defaults are what the paper describes: units replaced at random every so many updates, which then learn like
    all others, the optimiser's moments of their weights beginning at zero. The authors' published code does something
    else: it redraws units at every update of the first epoch and never again, and the layers that it touches learn
    nothing, since the optimiser does not know their new tensors. That is ``Turnover(site="hidden2", count=8, every=1,
    window=Window(offset=1))`` beside ``Freeze(sites=["hidden2"])``. (There an event comes before each update, here
    after it; the number of events is the same.)

    Ages count from birth for units that were there from the beginning of the rearing. Two turnovers at one site know
    nothing of each other: one may redraw units that the other holds dormant.

    Examples
    --------
    >>> import artneuro as an
    >>> subject = an.Subject.naive(an.anatomy("mlp", widths=(16, 16)), an.environment("digits"), seed=0)
    >>> turnover = Turnover(site="hidden2", count=2, every=10)
    >>> adult = an.rear(subject, subject.environment, an.Rearing(epochs=1, batch=64), [turnover])
    >>> int(adult.history.updates[-1]), adult.history.event_step.values.tolist()
    (21, [10, 10, 20, 20])
    >>> sorted(set(adult.history.unit_age.values.tolist()))
    [1, 11, 21]
    """

    site: str = param(doc="where")
    count: int | None = param(None, doc="units an event; this or `fraction`", check=ge(0))
    fraction: float | None = param(None, doc="share of the site's units an event", check=between(0, 1))
    every: int | None = param(
        None, units="update", doc="updates from event to event, counted from birth; this or `probability`", check=ge(1)
    )
    probability: float | None = param(None, doc="probability of an event after an update", check=between(0, 1))
    mode: Literal["replace", "grow", "prune"] = param("replace", doc="what happens to the units")
    dormant: int = param(0, doc="units that are dormant when the window opens, for `grow` to wake", check=ge(0))
    choice: Measure | Ranking = param(
        "random",
        doc="which units: at random, or by a measure: norms are L1, activity is the mean absolute one, age in updates, "
        "or one of your own from `ranking_of`",
    )
    ascending: bool = param(True, doc="the lowest of the measure first: the weakest, the most silent, the youngest")
    stimuli: int = param(100, doc="training stimuli, the first ones, over which activity is measured", check=ge(1))
    incoming: bool = param(True, doc="redraw the weights into the units, and what a batch norm keeps of them")
    bias: bool = param(True, doc="redraw the biases of the units")
    outgoing: bool = param(True, doc="redraw the weights out of the units")
    scale: float = param(1.0, doc="factor on the weights and biases drawn for the way in", check=ge(0))
    outgoing_scale: float = param(1.0, doc="factor on the weights drawn for the way out", check=ge(0))
    reset_state: bool = param(True, doc="let what the optimiser keeps of redrawn weights begin at zero, or keep it")
    trainable: bool = param(
        True, doc="go on training; otherwise every tensor that was redrawn in part is never trained after that event"
    )
    excitability: float = param(1.0, doc="factor on the activity of newborn units", check=ge(0))
    excitable: int | None = param(
        None, units="update", doc="how long it holds; until the next event, if left out", check=ge(1)
    )
    excitable_in_test: bool = param(False, doc="whether it also holds when the subject is evaluated")
    window: Window = param(Window(), doc="when it acts; excitability ends with it")

    def problems(self) -> Iterator[Problem]:
        """Refuse what contradicts itself."""
        for one, other in (("count", "fraction"), ("every", "probability")):
            given = [name for name in (one, other) if getattr(self, name) is not None]
            if len(given) != 1:
                advice = f"Say one of `{one}` and `{other}`, and leave the other out."
                yield Problem(one, f"either `{one}` or `{other}`", "both" if given else "neither", advice)
        if self.mode != "replace" and not (self.incoming and self.bias and self.outgoing and self.trainable):
            required = f"all of incoming, bias, outgoing and trainable, in mode {self.mode!r}"
            yield Problem("mode", required, "some of them false", "Dormant units have no weights to keep.")
        if (self.mode == "grow") != (self.dormant > 0):
            required = "dormant units for `grow` to wake, and none otherwise"
            advice = "Set `dormant` to the number that is to grow." if self.mode == "grow" else "Leave it out."
            yield Problem("dormant", required, str(self.dormant), advice)
        if self.excitable is not None and self.excitability == 1:
            yield Problem("excitable", "a factor `excitability` besides it", "none", "Set `excitability`, or drop it.")

    def number(self, units: int) -> int:
        """Return how many units an event befalls, of so many.

        Examples
        --------
        >>> Turnover(site="a", fraction=0.032, every=640).number(250)
        8
        """
        return self.count if self.count is not None else round((self.fraction or 0.0) * units)

    def misfits(self, body: Body, rearing: Rearing, begin: Clock) -> Iterator[Problem]:
        """Refuse a site without wiring, more units than it has or none, and a frequency beyond the rearing's length."""
        yield from self.unfit(body)
        window, end = self.window, begin.epoch + rearing.epochs
        first = max(window.onset, begin.epoch)
        last = end if window.offset is None else min(window.offset, end)
        an_epoch = -(-len(body.environment.train) // rearing.batch)
        before, after = (begin.step + (epoch - begin.epoch) * an_epoch for epoch in (first, last))
        if self.every is not None and last > first and after // self.every == before // self.every:
            advice = f"No event would come: choose `every` <= {after - before}, rear for longer, or widen the window."
            came = f"{self.every}, in updates {before + 1} to {after}"
            yield Problem("every", "an event within window and rearing", came, advice)

    def unfit(self, body: Body) -> Iterator[Problem]:
        """Yield why it cannot be done to such a body, whatever the rearing."""
        try:
            wiring = body.wiring(self.site)
        except SpecificationError as error:
            yield from error.problems
            return
        if self.fraction and not self.number(wiring.units):
            advice = f"Choose `fraction` >= {_least(wiring.units)}, which gives one; or 0, for a control."
            required = f"at least one of the {wiring.units} units of {self.site}"
            yield Problem("fraction", required, f"{self.fraction}, which gives none", advice)
        if self.number(wiring.units) > wiring.units:
            advice = "Lower `count`, or give a `fraction`."
            yield Problem("count", f"at most the {wiring.units} units of {self.site}", str(self.count), advice)
        if self.dormant > wiring.units:
            yield Problem("dormant", f"at most the {wiring.units} units of {self.site}", str(self.dormant))

    def memory(self, body: Body, stream: Stream) -> Memory:
        """Remember when each unit was born and when the last event was, and which units are dormant.

        Steps are updates since birth of the subject; 0 stands for its own birth, and for no event so far.
        """
        units, device = body.wiring(self.site).units, body.environment.device
        found = {"born": torch.zeros(units, dtype=torch.int64), "last": torch.zeros((), dtype=torch.int64)}
        if self.mode != "replace":
            found |= {"dormant": torch.zeros(units, dtype=torch.bool), "begun": torch.zeros((), dtype=torch.bool)}
        return {name: tensor.to(device) for name, tensor in found.items()}

    # Structural

    def acts_upon(self, body: Body) -> tuple[str, int]:
        """Return the site, and how many units it has."""
        return self.site, body.wiring(self.site).units

    def begin(self, tissue: Tissue, clock: Clock, streams: tuple[Stream, ...]) -> Iterable[Struck]:
        """Let the first units be dormant, when the window opens."""
        if not self.dormant or tissue.memory["begun"].all():
            return []
        tissue.memory["begun"].fill_(True)
        units = tissue.body.wiring(self.site).units
        chosen = [stream.child("dormant").numpy().permutation(units)[: self.dormant] for stream in streams]
        device = tissue.memory["born"].device
        return self._befall(tissue, clock, [torch.from_numpy(own).to(device) for own in chosen], None)

    def restructure(self, tissue: Tissue, clock: Clock, streams: tuple[Stream, ...]) -> Iterable[Struck]:
        """Turn units over, where an event comes now."""
        if self.every is not None and clock.step % self.every:
            return []
        due = [self.every is not None or self._comes(stream, clock) for stream in streams]
        return self.event(tissue, clock, streams, due) if any(due) else []

    def event(self, tissue: Tissue, clock: Clock, streams: tuple[Stream, ...], due: Iterable[bool]) -> list[Struck]:
        """Turn units over in those subjects of a litter that are due."""
        chosen = [
            self._chosen(tissue, place, clock, stream) if comes else torch.zeros(0, dtype=torch.int64)
            for place, (stream, comes) in enumerate(zip(streams, due, strict=True))
        ]
        return self._befall(tissue, clock, chosen, streams if self.mode != "prune" else None)

    def _comes(self, stream: Stream, clock: Clock) -> bool:
        return bool(stream.child("event", clock.step).numpy().random() < (self.probability or 0.0))

    def _chosen(self, tissue: Tissue, place: int, clock: Clock, stream: Stream) -> Tensor:
        """Return the units (unit,) that an event befalls in one subject."""
        born = tissue.memory["born"][place]
        if self.choice == "random":
            order = torch.from_numpy(stream.child("units", clock.step).numpy().permutation(len(born))).to(born.device)
        else:
            measured = values(self.choice, tissue, self.site, place, clock.step - born, self.stimuli)
            order = ranked(measured, self.ascending)
        if self.mode != "replace":
            dormant = tissue.memory["dormant"][place][order]
            order = order[dormant if self.mode == "grow" else ~dormant]
        return order[: self.number(len(born))]

    def _befall(
        self, tissue: Tissue, clock: Clock, chosen: list[Tensor], streams: tuple[Stream, ...] | None
    ) -> list[Struck]:
        """Let units of each subject be born anew, from its stream; without streams, let them fall silent."""
        wiring, memory = tissue.body.wiring(self.site), tissue.memory
        for size in sorted({len(units) for units in chosen} - {0}):  # of all subjects with equally many, at once
            places = [place for place, units in enumerate(chosen) if len(units) == size]
            units = torch.stack([chosen[place] for place in places])
            rows = torch.tensor(places, device=units.device)
            if streams is None:
                silence(tissue, wiring, places, units)
            else:
                newborn = [tissue.body.newborn(streams[place].child("newborn", clock.step)) for place in places]
                redraw(tissue, wiring, places, units, newborn, self._scales(), self.reset_state)
            memory["born"][rows.unsqueeze(1), units] = clock.step
            memory["last"][rows] = clock.step
            if self.mode != "replace":
                memory["dormant"][rows.unsqueeze(1), units] = streams is None
        return [Struck(place, units, streams is not None) for place, units in enumerate(chosen) if len(units)]

    def _scales(self) -> dict[Part, float]:
        found: dict[Part, float] = {"incoming": self.scale, "norm": 1.0} if self.incoming else {}
        if self.bias:
            found["bias"] = self.scale
        if self.outgoing:
            found["outgoing"] = self.outgoing_scale
        return found

    # Holding

    def holds(self, tissue: Tissue, clock: Clock) -> Mapping[str, Tensor | None]:
        """Hold dormant units at zero; and, where they are not trainable, the tensors that were redrawn in part."""
        if self.mode == "replace" and self.trainable:
            return {}
        strands = [strand for strand in tissue.body.wiring(self.site).strands if strand.name in tissue.parameters]
        if self.mode != "replace":
            dormant = tissue.memory["dormant"]
            named = {strand.name: entries(strand, dormant, tissue.parameters[strand.name].ndim) for strand in strands}
            return named if dormant.any() else {}
        touched = tissue.memory["last"] > 0
        return {
            strand.name: touched.view(-1, *[1] * (tissue.parameters[strand.name].ndim - 1))
            for strand in strands
            if strand.part in self._scales()
        }

    # Modulatory

    def acts_at(self, sites: tuple[str, ...]) -> tuple[str, ...]:
        """Return the site, where newborn units are more or less excitable than others."""
        known = tuple(resolve_sites(dict.fromkeys(sites, ""), self.site))
        return known if self.excitability != 1 else ()

    def acts_in_test(self) -> bool:
        """Tell whether excitability also holds in tests."""
        return self.excitable_in_test

    def draw(self, shape: tuple[int, ...], clock: Clock, generator: torch.Generator) -> Tensor:
        """Return a factor of one for every unit (unit, ...); nothing is random."""
        return torch.ones(shape[1], *[1] * len(shape[2:]), device=generator.device)

    def recall(self, drawn: Tensor, memory: Memory, clock: Clock) -> Tensor:
        """Return the factor of every unit (subject, unit, ...): that of newborns, and one."""
        born, last = memory["born"], memory["last"].unsqueeze(1)
        newborn = born == last if self.excitable is None else clock.step - born < self.excitable
        return torch.where((newborn & (born > 0)).view(drawn.shape), self.excitability, drawn)

    def modulate(self, activity: Tensor, drawn: Tensor) -> Tensor:
        """Return the activity times the factor."""
        return activity * drawn


def _least(units: int) -> Decimal:
    """Return the smallest fraction, of four digits, that gives one unit of so many; half a unit is rounded to none."""
    four = Context(prec=4, rounding=ROUND_FLOOR)
    return four.next_plus(four.divide(Decimal(1), Decimal(2 * units)))

"""LesionStudy: how much a network depends on single units. Morcos et al. 2018, arXiv 1803.06959."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, final

import attrs
import numpy as np
import torch
import xarray as xr
from torch import Tensor, nn

from artneuro import records
from artneuro.anatomy.bench import Bench, intact_performance
from artneuro.anatomy.circuit import Circuit
from artneuro.anatomy.clamping import Clamp
from artneuro.anatomy.groups import Groups
from artneuro.anatomy.lesion_assay import VALUES, LesionAssay, Plan
from artneuro.anatomy.lesion_order import Order
from artneuro.anatomy.neighbours import layers_into, layers_out_of
from artneuro.anatomy.preparation import Preparation
from artneuro.anatomy.recording import record_activity
from artneuro.anatomy.sites import resolve_sites
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import between, define_spec, each, ge, param
from artneuro.labels import Label
from artneuro.protocols.protocol import Assay
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.recovery import recovery_courses
from artneuro.rearing.showing import PARTS, shown
from artneuro.registry import register
from artneuro.seeds import Stream
from artneuro.subject import Subject

RECOVERY = ("site", "order", "clamp", "repeat", "held_fraction", "recovery")


@final
@register("LesionStudy")
@define_spec
class LesionStudy(Assay):
    """Lesion units of a subject, ever more of them or each alone, and measure what it can still do.

    A unit is a neuron, or a whole feature map of a convolution. It is clamped after the nonlinearity: the output of
    the site's module is replaced (``site_module`` names it), so that bias and batch norm cannot revive it. The subject
    is unchanged: lesions act on copies.

    Of n units, ``floor(fraction * n + 1/2)`` are lesioned, as `lesioned` records; `lesion_rank` records the order.
    Units that an order does not tell apart are lesioned in the order of their numbers.

    Randomness, for a subject of seed s, comes from ``Stream(s).child("assay", "LesionStudy")``: stimuli are dealt into
    blocks by ``child("blocks", set)``, random orders are permutations from ``child("order", pool, repeat)`` (pool: the
    site, or sites joined by "+"), clamps draw from ``child("clamp", clamp, site, repeat, block)``, growing noise from
    ``child("noise", site, repeat, block)``. So twins get the same lesions. Groups are searched with
    ``Stream(s).child("groups")``, as in every protocol.
    """

    site: str | tuple[str, ...] = param(doc="site to lesion, or several; they are recorded from input to output")
    together: bool = param(False, doc="treat the units of all sites as one pool, not site by site")
    what: Literal["units", "connections"] = param(
        "units", doc="lesion units, or single weights of the layer that drives the site"
    )
    order: Order | tuple[Order, ...] = param("random", doc="order in which units are lesioned, or several to compare")
    ascending: bool = param(False, doc="begin with the lowest value of the measure that gives the order")
    given: tuple[int, ...] = param(
        (), doc="numbers of units, for the order `given`; those left out follow in the order of their numbers"
    )
    clamp: Clamp | tuple[Clamp, ...] = param(
        "zero",
        doc="what lesioned units are set to: zero, their mean, noise of their mean and deviation, or their activity to "
        "another stimulus; or several to compare",
    )
    fractions: int | tuple[float, ...] = param(
        21, doc="fractions lesioned, ascending; a whole number means so many, evenly spaced from 0 to 1"
    )
    repeats: int = param(10, doc="repeats of what is random: orders, noise, resampling", check=between(1, 10_000))
    single: bool = param(True, doc="also lesion each unit alone, under the first clamp")
    groups: Groups | None = param(
        None,
        doc="also lesion groups of units that are wired to each other, told by their weights, under the first clamp: "
        "each alone, all but each, what is in none, and all of them; no groups, if left out",
    )
    noise_scales: tuple[float, ...] = param(
        (), doc="noise added to all units, in standard deviations of each unit; none, if left out", check=each(ge(0))
    )
    sham: bool = param(
        False, doc="also record a sham: the whole procedure with an empty lesion; and the same rearing, as for recovery"
    )
    recovery: Rearing | None = param(None, doc="rearing that follows a lesion which holds; none, if left out")
    recovery_fractions: tuple[float, ...] = param(
        (0.5,), doc="fractions lesioned for recovery", check=each(between(0, 1))
    )
    stimuli: Literal["train", "test"] = param("test", doc="stimuli that performance is measured on")
    targets: Literal["learnt", "true", True] | None = param(  # YAML reads a bare `true` as True
        None, doc="targets of training stimuli: as the subject was taught them (if left out), or true"
    )
    statistics: Literal["measured", "train", "test"] = param(
        "measured", doc="stimuli that tell what units do: those measured on, or others"
    )
    bins: int = param(10, doc="bins of equal frequency, for mutual information", check=ge(2))
    batch: int = param(500, doc="stimuli at a time; clamps draw within such a block", check=ge(2))

    needs_classes: ClassVar[bool] = True
    outputs: ClassVar[Mapping[str, Label]] = {
        **VALUES,
        "train_accuracy": Label("accuracy of the intact subject on training stimuli, as it was taught them"),
        "train_loss": Label("cross-entropy of the intact subject on training stimuli, as it was taught them", "nat"),
        "test_accuracy": Label("accuracy of the intact subject on test stimuli"),
        "test_loss": Label("cross-entropy of the intact subject on test stimuli", "nat"),
        "recovery_accuracy": Label("accuracy while the lesion holds, after epochs of recovery", "1", RECOVERY),
        "recovery_loss": Label("cross-entropy while the lesion holds, after epochs of recovery", "nat", RECOVERY),
        "sham_recovery_accuracy": Label("accuracy after as many epochs without lesion", "1", ("recovery",)),
        "sham_recovery_loss": Label("cross-entropy after as many epochs without lesion", "nat", ("recovery",)),
    }

    @property
    def orders(self) -> tuple[Order, ...]:
        """The orders, as many as there are."""
        return (self.order,) if isinstance(self.order, str) else self.order

    @property
    def clamps(self) -> tuple[Clamp, ...]:
        """The clamps, as many as there are."""
        return (self.clamp,) if isinstance(self.clamp, str) else self.clamp

    @property
    def doses(self) -> tuple[float, ...]:
        """The fractions lesioned."""
        if isinstance(self.fractions, int):
            return tuple(step / (self.fractions - 1) for step in range(self.fractions))
        return self.fractions

    @property
    def plan(self) -> Plan:
        """Which lesions to make, whatever the stimuli."""
        return Plan(
            what=self.what,
            together=self.together,
            orders=self.orders,
            clamps=self.clamps,
            ascending=self.ascending,
            given=self.given,
            doses=self.doses,
            repeats=self.repeats,
            single=self.single,
            noise_scales=self.noise_scales,
            bins=self.bins,
        )

    def problems(self) -> Iterator[Problem]:
        """Refuse parameters that do not go together."""
        several = not isinstance(self.site, str) and len(self.site) > 1
        if isinstance(self.fractions, int) and not 2 <= self.fractions <= 10_000:
            yield Problem("fractions", "2 to 10,000 of them", str(self.fractions))
        elif len(self.doses) < 2 or list(self.doses) != sorted({dose for dose in self.doses if 0 <= dose <= 1}):
            yield Problem("fractions", "at least 2 fractions from 0 to 1, ascending", str(list(self.doses)))
        for name, values in (("order", self.orders), ("clamp", self.clamps)):
            if not values or len(set(values)) < len(values):
                yield Problem(name, "at least one, each once", str(list(values)))
        if ("given" in self.orders) != bool(self.given):
            required = "numbers of units where the order is `given`, and only there"
            yield Problem("given", required, str(list(self.given)))
        if len(set(self.given)) < len(self.given) or min(self.given, default=0) < 0:
            yield Problem("given", "numbers of units from 0, each once", str(list(self.given)))
        if self.given and several:
            yield Problem("given", "one site, whose units are numbered", f"{len(self.site)} sites")
        if self.ascending and {"random", "given"}.issuperset(self.orders):
            yield Problem("ascending", "an order by a measure", ", ".join(self.orders), "Leave `ascending` out.")
        if "importance" in self.orders and not self.single:
            yield Problem("single", "true, for the order `importance`", "false")
        if self.together and not several:
            yield Problem("together", "several sites", repr(self.site))
        if self.what == "connections" and (self.orders, self.clamps, self.together) != (("random",), ("zero",), False):
            required = "order random, clamp zero and not together, for connections"
            yield Problem("what", required, "others", "Leave `order`, `clamp` and `together` out, or lesion units.")
        if self.noise_scales and (
            len(self.noise_scales) < 2 or list(self.noise_scales) != sorted(set(self.noise_scales))
        ):
            yield Problem("noise_scales", "none, or at least 2, ascending", str(list(self.noise_scales)))
        if self.recovery is not None and (
            self.what == "connections" or {"noise", "resample"}.intersection(self.clamps)
        ):
            came = "connections" if self.what == "connections" else ", ".join(self.clamps)
            yield Problem("recovery", "lesions of units, clamped to zero or mean, that can hold", came)
        if not self.recovery_fractions or list(self.recovery_fractions) != sorted(set(self.recovery_fractions)):
            yield Problem("recovery_fractions", "at least one, ascending", str(list(self.recovery_fractions)))
        if self.targets == "learnt" and self.stimuli == "test":
            advice = "Measure on `stimuli: train`, or leave `targets` out."
            yield Problem("targets", "true, on test stimuli, which nobody taught it", "learnt", advice)

    def levels(self) -> Mapping[str, tuple[Any, ...]]:
        """Return orders and clamps."""
        return {"order": self.orders, "clamp": self.clamps}

    def levels_of(self, subject: Subject) -> Mapping[str, tuple[str, ...]]:
        """Return classes."""
        return {"class": tuple(subject.environment.classes)}

    def refusals(self, subject: Subject) -> Iterator[Problem]:
        """Refuse subjects without the sites, units or layers that are asked for."""
        model = subject.model()
        try:
            modules = self._modules(subject, model)
        except SpecificationError as error:
            yield from error.problems
            return
        example = subject.present(subject.environment.train.images[:1])
        with torch.no_grad():
            sizes = {site: activity.shape[1] for site, activity in record_activity(model, modules, example).items()}
        for site, module in modules.items():
            beyond = [unit for unit in self.given if unit >= sizes[site]]
            if beyond:
                yield Problem("given", f"units of {site}, from 0 to {sizes[site] - 1}", str(beyond))
            if self.what == "connections" and len(into := layers_into(model, module)) != 1:
                came = f"{len(into)} layers" + (f" ({', '.join(into)})" if into else " that can be told")
                yield Problem("what", f"a site that one layer drives, to cut the connections into {site}", came)
            for name, neighbours in (("incoming_norm", layers_into), ("outgoing_norm", layers_out_of)):
                if name in self.orders and not neighbours(model, module):
                    yield Problem("order", f"one known at {site}", name, "The layers beside this site cannot be told.")
        if self.groups is not None:
            yield from _ungroupable(model, sizes)

    def _modules(self, subject: Subject, model: nn.Module) -> dict[str, str]:
        """Return the modules of the sites, from input to output."""
        known = subject.anatomy.sites(model)
        asked = resolve_sites(known, self.site)
        return {site: module for site, module in known.items() if site in asked}

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        # twice as fast for convolutions on a CPU; torch's types do not know the argument
        model = subject.model().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        modules = self._modules(subject, model)
        taught: dict[str, Preparation[Tensor]] = {part: shown(subject, model, part, self.batch, rng) for part in PARTS}
        measured = taught[self.stimuli]
        if self.stimuli == "train" and self.targets in ("true", True):
            measured = attrs.evolve(measured, targets=subject.environment.train.targets)
        bench = describing = Bench(model, modules, measured, rng)
        if self.statistics not in ("measured", self.stimuli):
            describing = attrs.evolve(bench, intact=taught[self.statistics])
        with torch.no_grad():
            assay = LesionAssay(self.plan, bench, describing)
            values = assay.measure()
            if self.groups is not None:
                values |= assay.grouped(self._groups(self.groups, model, assay.sizes, subject.stream))
            for part, preparation in taught.items():
                tally = intact_performance(preparation)
                values |= {f"{part}_accuracy": tally.accuracy, f"{part}_loss": tally.loss}
        if self.recovery is not None:
            values |= self._recover(subject, self.recovery, assay)
        if not self.sham:
            values = {name: value for name, value in values.items() if not name.startswith("sham_")}
        values = {name: value.cpu().numpy() if isinstance(value, Tensor) else value for name, value in values.items()}
        places = [f"{name} ({type(model.get_submodule(name)).__name__})" for name in modules.values()]
        coords = {
            "site": ["+".join(modules)] if self.together else list(modules),
            "site_module": ["+".join(places)] if self.together else places,
            "order": list(self.orders),
            "clamp": list(self.clamps),
            "repeat": np.arange(self.repeats),
            "fraction": np.array(self.doses),
            "class": list(subject.environment.classes),
            "unit_site": [site for site, size in assay.sizes.items() for _ in range(size)],
            "unit_index": [unit for size in assay.sizes.values() for unit in range(size)],
        }
        if self.groups is not None:
            coords["group"] = np.arange(values["groups"])
        if self.noise_scales:
            coords["scale"] = np.array(self.noise_scales)
        if self.recovery is not None:
            coords |= {
                "held_fraction": np.array(self.recovery_fractions),
                "recovery": np.arange(self.recovery.epochs + 1),
            }
        return records.dataset(values, self.outputs, coords)

    def _groups(self, groups: Groups, model: nn.Module, sizes: Mapping[str, int], own: Stream) -> dict[str, Tensor]:
        """Return the group of every unit by site; a site shows the units of its layer in turn, token by token."""
        found = groups.of(Circuit.of(model), dict(model.named_parameters()), own)
        return {site: found[site].repeat(size // len(found[site])) for site, size in sizes.items()}

    def _recover(self, subject: Subject, rearing: Rearing, assay: LesionAssay) -> dict[str, Any]:
        """Return the course of recovery from each lesion, and from a sham."""
        lesions, hold = assay.held_lesions(self.recovery_fractions), assay.bench.holding
        accuracy, loss = recovery_courses(subject, rearing, lesions, hold)
        shape = (-1, len(self.orders), len(self.clamps), self.repeats, len(self.recovery_fractions), rearing.epochs + 1)
        values = {"recovery_accuracy": accuracy.reshape(shape), "recovery_loss": loss.reshape(shape)}
        if self.sham:
            (accuracy,), (loss,) = recovery_courses(subject, rearing, [{}], hold)
            values |= {"sham_recovery_accuracy": accuracy, "sham_recovery_loss": loss}
        return values


def _ungroupable(model: nn.Module, sizes: Mapping[str, int]) -> Iterator[Problem]:
    """Yield why the units of sites cannot be told apart into groups."""
    try:
        layers = Circuit.of(model).layers
    except SpecificationError as error:
        yield from (problem.within("groups") for problem in error.problems)
        return
    for site, size in sizes.items():
        if size % layers.get(site, size + 1):
            yield Problem("groups", f"a site that is a layer of the circuit ({', '.join(layers)})", repr(site))

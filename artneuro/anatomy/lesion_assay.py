"""Everything that is measured of one network under lesions, as plain arrays by name."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, final

import attrs
import torch
from torch import Tensor

from artneuro.anatomy.bench import Bench
from artneuro.anatomy.clamping import Clamp
from artneuro.anatomy.exposure import Exposure
from artneuro.anatomy.lesion_order import Order, lesion_orders, random_orders
from artneuro.anatomy.preparation import Preparation
from artneuro.anatomy.profile import Profile
from artneuro.labels import Label
from artneuro.measures.curves import area_under_curve
from artneuro.measures.dose import counts_of, dose_response, points_of
from artneuro.measures.importance import importance, site_summary
from artneuro.measures.performance import Tally

Values = dict[str, Any]

_CONDITION = ("site", "order", "clamp")
_CURVE = (*_CONDITION, "repeat", "fraction")
VALUES: Mapping[str, Label] = {
    "accuracy": Label("accuracy under lesions", "1", _CURVE),
    "loss": Label("cross-entropy under lesions", "nat", _CURVE),
    "class_accuracy": Label("accuracy under lesions, on the stimuli of each class", "1", (*_CURVE, "class")),
    "normalised_accuracy": Label("accuracy from 1 (intact) to 0 (everything lesioned)", "1", _CURVE),
    "auc": Label("area under the mean normalised accuracy, over the range of fractions", "1", _CONDITION),
    "accuracy_auc": Label("area under the mean accuracy, over the range of fractions", "1", _CONDITION),
    "lesioned": Label("units (or connections) lesioned", "1", ("site", "fraction")),
    "lesion_rank": Label("place of the unit in the order of lesions, from 0", "1", ("order", "repeat", "unit")),
    "sham_accuracy": Label("accuracy under a sham lesion", "1", (*_CONDITION, "repeat")),
    "sham_loss": Label("cross-entropy under a sham lesion", "nat", (*_CONDITION, "repeat")),
    "intact_accuracy": Label("accuracy of the intact subject, on the stimuli and targets of the lesions"),
    "intact_loss": Label("cross-entropy of the intact subject, on the stimuli and targets of the lesions", "nat"),
    "noise_accuracy": Label("accuracy with noise added to all units of all sites", "1", ("scale", "repeat")),
    "noise_loss": Label("cross-entropy with noise added to all units of all sites", "nat", ("scale", "repeat")),
    "noise_auc": Label("area under mean accuracy with noise over intact accuracy, over the range of scales"),
    "importance": Label("fall of accuracy when the unit alone is lesioned", "1", ("unit",)),
    "importance_loss": Label("rise of cross-entropy when the unit alone is lesioned", "nat", ("unit",)),
    "class_importance": Label("fall of each class's accuracy, likewise", "1", ("unit", "class")),
    "preferred_class_importance": Label("fall of the preferred class's accuracy, likewise", "1", ("unit",)),
    "mean_activity": Label("mean activity", "1", ("unit",)),
    "deviation": Label("standard deviation of the activity", "1", ("unit",)),
    "alive": Label("1 where the unit was active at least once, else 0", "1", ("unit",)),
    "selectivity": Label("class selectivity; missing where activity is signed", "1", ("unit",)),
    "preferred_class": Label("number of the class with the largest mean activity; -1 if silent", "1", ("unit",)),
    "mutual_information": Label("mutual information of activity and class", "bit", ("unit",)),
    "unit_group": Label("group of the unit; -1 where it is in none", "1", ("unit",)),
    "groups": Label("groups that units are in"),
    "group_units": Label("units of the group at the sites lesioned", "1", ("group",)),
    "group_importance": Label("fall of accuracy when the group alone is lesioned", "1", ("group",)),
    "least_group_importance": Label("smallest fall of accuracy when a group alone is lesioned"),
    "alone_accuracy": Label("accuracy with nothing but the group left", "1", ("group",)),
    "groups_accuracy": Label("accuracy with nothing but the groups left: units in none are lesioned"),
    "groupless_accuracy": Label("accuracy with all groups lesioned"),
    "incoming_norm": Label("L1 norm of the weights into the unit", "1", ("unit",)),
    "outgoing_norm": Label("L1 norm of the weights out of the unit", "1", ("unit",)),
    "selectivity_mean": Label("mean class selectivity of the units alive", "1", ("site",)),
    "mutual_information_mean": Label("mean mutual information of the units alive", "bit", ("site",)),
    "selectivity_importance_rho": Label("Spearman's rho of selectivity and importance, units alive", "1", ("site",)),
    "selectivity_preferred_class_rho": Label(
        "Spearman's rho of selectivity and importance for the preferred class, units alive", "1", ("site",)
    ),
}
"""What `LesionAssay.measure` returns, by name."""


@final
@attrs.frozen(kw_only=True)
class Plan:
    """Which lesions to make.

    Parameters
    ----------
    what : {"units", "connections"}
        Lesion units, or single weights of the layer that drives each site.
    together : bool
        Treat the units of all sites as one pool.
    orders, clamps : tuple of str
        In which orders, and what lesioned units are set to.
    ascending : bool
        Begin with the lowest value of the measure that gives an order.
    given : tuple of int
        Units for the order ``given``.
    doses : tuple of float
        Fractions lesioned, ascending.
    repeats : int
        Repeats of what is random.
    single : bool
        Also lesion each unit alone, under the first clamp.
    noise_scales : tuple of float
        Noise added to all units, in standard deviations of each.
    bins : int
        Bins of the activity, for mutual information.
    """

    what: str
    together: bool
    orders: tuple[Order, ...]
    clamps: tuple[Clamp, ...]
    ascending: bool
    given: tuple[int, ...]
    doses: tuple[float, ...]
    repeats: int
    single: bool
    noise_scales: tuple[float, ...]
    bins: int


@final
@attrs.define(eq=False)
class LesionAssay:
    """One network under lesions.

    Parameters
    ----------
    plan : Plan
        Which lesions to make.
    bench : Bench
        The network, with the stimuli that performance is measured on.
    describing : Bench
        The same network, with the stimuli that tell what its units do; may be the same object.
    """

    plan: Plan
    bench: Bench
    describing: Bench
    _intact: Tally = attrs.field(init=False)
    _profiles: dict[str, Profile] = attrs.field(factory=dict, init=False)
    _orders: dict[str, dict[str, list[Tensor]]] = attrs.field(factory=dict, init=False)

    def measure(self) -> Values:
        """Make the lesions; returns arrays and tensors by the names and with the dims of `VALUES`."""
        self._intact = self.bench.performance()
        units: dict[str, dict[str, Tensor]] = {}
        curves: list[Values] = []
        for site in self.bench.modules:
            there = self.bench.opened(site)
            units[site] = self._units(site, there)
            if not self.plan.together:
                curves.append(self._curves(site, there, units[site]))
        pooled = {name: torch.cat([units[site][name] for site in units]) for name in next(iter(units.values()))}
        if len(units) > 1 and (self.plan.together or self.plan.noise_scales):
            there = self.bench.opened(*units)
        if self.plan.together:
            curves.append(self._curves("+".join(units), there, pooled))
        values: Values = {"intact_accuracy": self._intact.accuracy, "intact_loss": self._intact.loss, **pooled}
        summaries = [site_summary(of) for of in ([pooled] if self.plan.together else units.values())]
        for name in curves[0]:
            rows = [torch.as_tensor(curve[name]) for curve in curves]
            # units lie along one dim, whatever their site
            values[name] = torch.cat(rows, dim=-1) if name == "lesion_rank" else torch.stack(rows)
        for name in summaries[0]:
            values[name] = torch.tensor([summary[name] for summary in summaries], dtype=torch.float64)
        return values | (self._noise(there) if self.plan.noise_scales else {})

    def grouped(self, groups: Mapping[str, Tensor]) -> Values:
        """Lesion each group of units, all but each, all that is in no group, and all groups; asked after `measure`.

        Parameters
        ----------
        groups : mapping of str to Tensor, shape (unit,), int64
            Site -> group of each unit, -1 where it is in none.
        """
        of_unit = torch.cat([groups[site] for site in self.bench.modules])
        count = int(of_unit.max()) + 1
        of_group = [of_unit == group for group in range(count)]
        lesions = [*of_group, *[~group for group in of_group], of_unit < 0, of_unit >= 0]
        there = self.bench.opened(*self.bench.modules)
        accuracy = self.bench.each_group(there, self._profiles, lesions, self.plan.clamps[0]).accuracy.double().cpu()
        importance = float(self._intact.accuracy) - accuracy[:count]
        return {
            "unit_group": of_unit,
            "groups": count,
            "group_units": torch.stack([*(group.sum() for group in of_group), torch.tensor(0)])[:count],
            "group_importance": importance,
            "least_group_importance": float(importance.min()) if count else float("nan"),
            "alone_accuracy": accuracy[count : 2 * count],
            "groups_accuracy": accuracy[-2],
            "groupless_accuracy": accuracy[-1],
        }

    @property
    def sizes(self) -> dict[str, int]:
        """Number of units at each site that was measured."""
        return {site: len(profile.alive) for site, profile in self._profiles.items()}

    def held_lesions(self, fractions: Sequence[float]) -> list[dict[str, dict[int, float]]]:
        """Return lesions to hold, as `Bench.holding` takes them: for each pool, order, clamp, repeat and fraction.

        They are those of the curves; asked after `measure`, for clamps that draw nothing.
        """
        lesions = []
        for pool, by_name in self._orders.items():
            numbered = [(site, unit) for site in self._sites(pool) for unit in range(self.sizes[site])]
            counts = counts_of(fractions, len(numbered))
            for orders, clamp, repeat in product(by_name.values(), self.plan.clamps, range(self.plan.repeats)):
                order = orders[min(repeat, len(orders) - 1)].tolist()
                for count in counts:
                    lesion: dict[str, dict[int, float]] = {}
                    for site, unit in sorted(numbered[place] for place in order[:count]):
                        mean = self._profiles[site].mean_activity[unit].item()
                        lesion.setdefault(site, {})[unit] = mean if clamp == "mean" else 0.0
                    lesions.append(lesion)
        return lesions

    def _sites(self, pool: str) -> list[str]:
        return list(self.bench.modules) if self.plan.together else [pool]

    def _units(self, site: str, there: Preparation[Exposure]) -> dict[str, Tensor]:
        """Describe each unit of a site, and lesion it alone."""
        seen = there if self.describing is self.bench else self.describing.opened(site)
        profile = Profile.of(seen, self.bench.model, self.bench.modules[site], self.plan.bins)
        self._profiles[site] = profile
        units: dict[str, Tensor] = attrs.asdict(profile, recurse=False)
        if self.plan.single:
            alone = self.bench.each_alone(there, self._profiles, self.plan.clamps[0])
            units |= importance(self._intact, alone, profile.preferred_class)
        return units

    def _curves(self, pool: str, there: Preparation[Exposure], units: Mapping[str, Tensor]) -> Values:
        """Lesion ever more units, or connections, of one pool."""
        plan, stream = self.plan, self.bench.stream.child("order", pool)
        shape = (len(plan.orders), len(plan.clamps), plan.repeats)
        if plan.what == "connections":
            total = self.bench.connections(pool)
            cuts = random_orders(total, plan.repeats, stream)
            tallies = self.bench.cut_ever_more(pool, cuts, points_of(plan.doses, total))
            return dose_response(tallies, shape, plan.doses, total, self._intact)
        total = len(units["alive"])
        orders = lesion_orders(
            plan.orders,
            units,
            total=total,
            ascending=plan.ascending,
            given=plan.given,
            repeats=plan.repeats,
            stream=stream,
        )
        self._orders[pool] = orders
        points = points_of(plan.doses, total)
        tallies = self.bench.ever_more(there, self._profiles, orders, plan.clamps, plan.repeats, points)
        ranks = [torch.stack([order.argsort() for order in same]).expand(plan.repeats, -1) for same in orders.values()]
        return {**dose_response(tallies, shape, plan.doses, total, self._intact), "lesion_rank": torch.stack(ranks)}

    def _noise(self, there: Preparation[Exposure]) -> Values:
        tallies = self.bench.under_noise(there, self._profiles, self.plan.noise_scales, self.plan.repeats)
        accuracy = torch.stack([tally.accuracy for tally in tallies]).cpu()
        intact = self._intact.accuracy.item() or float("nan")
        return {
            "noise_accuracy": accuracy,
            "noise_loss": torch.stack([tally.loss for tally in tallies]).cpu(),
            "noise_auc": area_under_curve(accuracy.mean(dim=1) / intact, self.plan.noise_scales),
        }

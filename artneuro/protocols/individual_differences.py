"""IndividualDifferences: how alike networks are that differ by their seed. Van Assen, Nishida and Fleming 2020."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, final

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from artneuro import records
from artneuro.anatomy.sites import resolve_sites
from artneuro.environment.stimulus_sample import StimulusSample
from artneuro.errors import DesignError, Problem, SpecificationError
from artneuro.fields import define_spec, param
from artneuro.labels import Label
from artneuro.measures.cka import cka_matrix
from artneuro.measures.individuals import classical_scaling, leaf_order, pseudo_values
from artneuro.measures.procrustes import shape_distances
from artneuro.protocols.protocol import CohortStudy
from artneuro.recording import Pool, When, record
from artneuro.registry import register
from artneuro.seeds import Stream
from artneuro.subject import Subject

SITE = ("site",)


@final
@register("IndividualDifferences")
@define_spec
class IndividualDifferences(CohortStudy):
    """Compare the representations of all subjects with each other, site by site.

    By linear centred kernel alignment (CKA: 1 where they are equal up to rotation and scale) and the angular Procrustes
    distance (0 there). All subjects see the same stimuli. Pairs of subjects are no independent observations: what tests
    see has one value a subject, the jackknife's pseudo-value of the mean over all pairs of its arm
    (`artneuro.measures.individuals.pseudo_values`), of which at least 3 subjects an arm are needed.

    Van Assen, Nishida and Fleming 2020, doi 10.1371/journal.pcbi.1008018; which site of another subject is most like a
    site, Kornblith et al. 2019, arXiv 1905.00414, section 6.1.
    """

    sites: tuple[str, ...] = param((), doc="where; all sites, if left out")
    stimuli: StimulusSample = param(StimulusSample(), doc="what is shown")
    pool: Pool = param("mean", doc="a feature map as one unit, by its mean or maximum; or every place of it as a unit")
    when: When = param("after", doc="after the site's nonlinearity or before it")
    debiased: bool = param(True, doc="CKA that is near 0 for independent noise, whatever the number of units")

    outputs: ClassVar[Mapping[str, Label]] = {
        "cka": Label("CKA of the subject's site with the other's", "1", ("other", "site", "other_site")),
        "shape_distance": Label("angular Procrustes distance from the other, at the site", "rad", ("other", "site")),
        "cka_within": Label("CKA with the others of the arm, the subject's pseudo-value", "1", SITE),
        "shape_distance_within": Label("distance from the others of the arm, its pseudo-value", "rad", SITE),
        "correspondence": Label(
            "how often the other's most similar site is the same site, in the arm, its pseudo-value", "1", SITE
        ),
        "place": Label("place among all subjects, by classical scaling of the distances", "rad", (*SITE, "axis")),
        "tree_place": Label("place in a hierarchical clustering of all subjects; -1 where there is none", "1", SITE),
    }

    def levels(self) -> Mapping[str, tuple[str, ...]]:
        """Return sites, where they are named."""
        return {"site": self.sites} if self.sites else {}

    def refusals(self, subject: Subject) -> Iterator[Problem]:
        """Refuse sites that are not there, and samples that are too large."""
        yield from self.stimuli.refusals(subject.environment)
        try:
            resolve_sites(subject.sites(), self.sites or subject.sites())
        except SpecificationError as error:
            yield from error.problems

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        shown = self.stimuli.of(subject.environment)
        return record(subject, shown, self.sites or None, pool=self.pool, when=self.when)

    def _relate(self, parts: Sequence[xr.Dataset], subjects: Sequence[Subject]) -> list[xr.Dataset]:
        self._require_same_stimuli(subjects)
        sites = _common_sites(parts, subjects)
        layers = [[_activity(part, site) for site in sites] for part in parts]
        count, many = len(parts), len(sites)
        flat = [layer for of_one in layers for layer in of_one]
        # (subject, site, subject, site) -> (subject, subject, site, site)
        cka = cka_matrix(flat, debiased=self.debiased).reshape(count, many, count, many).permute(0, 2, 1, 3)
        distances = torch.stack([shape_distances([own[place] for own in layers]) for place in range(many)], dim=2)
        likest = (cka.argmax(dim=3) == torch.arange(many)).double()  # of equal ones the first
        arms = np.array([subject.arm for subject in subjects])
        within = {
            "cka_within": cka.diagonal(dim1=2, dim2=3),
            "shape_distance_within": distances,
            "correspondence": (likest + likest.transpose(0, 1)) / 2,
        }
        values: dict[str, Any] = {name: _within(pairs, arms) for name, pairs in within.items()}
        values["place"] = torch.stack([classical_scaling(each) for each in distances.unbind(2)], dim=1)
        values["tree_place"] = torch.stack([leaf_order(each) for each in distances.unbind(2)], dim=1)
        values |= {"cka": cka, "shape_distance": distances}
        ids = [subject.id for subject in subjects]
        coords = {"other": ids, "site": sites, "other_site": sites, "axis": [0, 1]}
        return [
            records.dataset({name: value[place].numpy() for name, value in values.items()}, self.outputs, coords)
            for place in range(count)
        ]

    def _require_same_stimuli(self, subjects: Sequence[Subject]) -> None:
        first = subjects[0]
        shown = self.stimuli.of(first.environment)
        for fingerprint in {subject.environment.fingerprint for subject in subjects}:
            other = next(subject for subject in subjects if subject.environment.fingerprint == fingerprint)
            there = self.stimuli.of(other.environment)
            if not (torch.equal(shown.index, there.index) and torch.equal(shown.images, there.images)):
                raise DesignError(
                    f"{first.id} and {other.id} do not see the same stimuli, so their activity cannot be compared. "
                    "Give their arms an entry of their own, with `arms:` and `as:`; in Python, a record of their own."
                )


def _common_sites(parts: Sequence[xr.Dataset], subjects: Sequence[Subject]) -> list[str]:
    along = [list(dict.fromkeys(part.unit_site.values.tolist())) for part in parts]
    for own, subject in zip(along, subjects, strict=True):
        if own != along[0]:
            raise DesignError(
                f"{subjects[0].id} has the sites {', '.join(along[0])} and {subject.id} has {', '.join(own)}. Name in "
                "`sites` those that all have."
            )
    return along[0]


def _activity(part: xr.Dataset, site: str) -> Tensor:
    return torch.from_numpy(part.activity.values[:, part.unit_site.values == site])


def _within(pairs: Tensor, arms: np.ndarray) -> Tensor:
    """Return pseudo-values (subject, site) of pairs (subject, subject, site), arm by arm."""
    found = torch.full((len(arms), pairs.shape[2]), torch.nan, dtype=torch.float64)
    for arm in np.unique(arms):
        own = torch.from_numpy(np.flatnonzero(arms == arm))
        found[own] = torch.stack([pseudo_values(each[own][:, own]) for each in pairs.unbind(2)], dim=1)
    return found

"""BrainComparison: how alike the representations of networks and of brains are. Kriegeskorte et al. 2008."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, final

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from artneuro import records
from artneuro.anatomy.sites import resolve_sites
from artneuro.brains.brain import Brain, BrainSource
from artneuro.brains.resizing import Resize
from artneuro.environment.environment import Environment, Stimuli
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, param, some
from artneuro.labels import Label
from artneuro.measures.noise_ceiling import noise_ceiling
from artneuro.measures.rdm_comparison import compare_rdms
from artneuro.measures.rdm_models import partial_correlations
from artneuro.measures.rdms import percentile_rdms, rdm
from artneuro.predictors.predictor import Predictor
from artneuro.protocols.protocol import Assay
from artneuro.recording import Pool, When, record
from artneuro.records import content_key
from artneuro.registry import register
from artneuro.seeds import Stream
from artneuro.subject import Subject

SITE, REFERENCE = ("site",), ("reference",)


@final
@register("BrainComparison")
@define_spec
class BrainComparison(Assay):
    """Compare the dissimilarities of stimuli at each site with those in brains, in people's judgements and in models.

    Subjects are shown the images of the brains, resized and normalised as their own stimuli are; which image is which
    is told by its name, not by its place. The RDM of each site is compared with that of every reference: brains, and
    predictors of the images, such as their category. `partial` holds one reference constant at a time: what a network
    shares with people beyond the categories, or with the categories beyond people. Where a brain is of several
    subjects, `similarity` is that with the mean of their RDMs, and `individual_similarity` the mean of that with each,
    to be read against the noise ceiling.

    Kriegeskorte et al. 2008, doi 10.3389/neuro.06.004.2008; Nili et al. 2014, doi 10.1371/journal.pcbi.1003553 (noise
    ceiling); van Assen et al. 2020, doi 10.1371/journal.pcbi.1008018 (partial correlations).
    """

    brains: dict[str, BrainSource] = param(doc="name -> brain or people; all of them of the same stimuli", check=some())
    predictors: dict[str, Predictor] = param({}, doc="name -> what stimuli may be told apart by")
    sites: tuple[str, ...] = param((), doc="where; all sites, if left out")
    pool: Pool = param("none", doc="every place of a feature map as a unit; or the map as one, by its mean or maximum")
    when: When = param("after", doc="after the site's nonlinearity or before it")
    metric: Literal["correlation", "cosine", "euclidean", "sqeuclidean"] = param(
        "correlation", doc="dissimilarity of the patterns over a site, and over the neurons of a brain"
    )
    method: Literal["spearman", "pearson"] = param("spearman", doc="how RDMs are compared")
    resize: Resize = param("bilinear", doc="how images become those of the environment's size")
    pairs: bool = param(False, doc="whether the RDMs themselves are recorded, as ranks")

    outputs: ClassVar[Mapping[str, Label]] = {
        "similarity": Label("correlation of the site's RDM with the reference's", "1", (*SITE, "reference")),
        "individual_similarity": Label(
            "correlation of the site's RDM with that of each subject of the reference, their mean",
            "1",
            (*SITE, "reference"),
        ),
        "partial": Label(
            "correlation of the site's RDM with the reference's, another being held constant",
            "1",
            (*SITE, "reference", "given"),
        ),
        "ceiling_lower": Label("noise ceiling, lower bound; missing where one subject is known", "1", REFERENCE),
        "ceiling_upper": Label("noise ceiling, upper bound; missing where one subject is known", "1", REFERENCE),
        "reference_similarity": Label("correlation of the RDMs of two references", "1", ("reference", "given")),
        "percentile": Label(
            "dissimilarity, as its rank among all pairs", "1", ("compared", "stimulus", "other_stimulus")
        ),
    }

    def problems(self) -> Iterator[Problem]:
        """Refuse a name that stands for two references."""
        for name in self.predictors:
            if name in self.brains:
                yield Problem("predictors", "names that no brain has", repr(name))

    def levels(self) -> Mapping[str, tuple[str, ...]]:
        """Return references, and sites where they are named."""
        references = (*self.brains, *self.predictors)
        known = {"reference": references, "given": references, "site": self.sites}
        return {dim: levels for dim, levels in known.items() if levels}

    def material(self) -> str:
        """Return what identifies the brains."""
        return content_key({name: source.load().fingerprint for name, source in self.brains.items()})

    def levels_of(self, subject: Subject) -> Mapping[str, tuple[str, ...]]:
        """Return sites."""
        return {"site": tuple(resolve_sites(subject.sites(), self.sites or subject.sites()))}

    def refusals(self, subject: Subject) -> Iterator[Problem]:
        """Refuse sites that are not there, brains of other stimuli, and stimuli that cannot be described."""
        try:
            resolve_sites(subject.sites(), self.sites or subject.sites())
        except SpecificationError as error:
            yield from error.problems
        try:
            brains = self._brains()
            shown = brains[0].shown_to(subject.environment, self.resize)
            for predictor in self.predictors.values():
                predictor.rdm(subject.environment, shown)
        except SpecificationError as error:
            yield from error.problems

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        brains = self._brains()
        shown = brains[0].shown_to(subject.environment, self.resize)
        sites = self.sites or tuple(subject.sites())
        recording = record(subject, shown, sites, pool=self.pool, when=self.when)
        activity, of_unit = torch.from_numpy(recording.activity.values), recording.unit_site.values
        layers = torch.stack([rdm(activity[:, torch.from_numpy(of_unit == site)], self.metric) for site in sites])
        references = self._references(brains, subject.environment, shown)
        groups = torch.stack([rdms.mean(dim=0) for rdms in references.values()])
        similarity = compare_rdms(layers, groups, self.method)
        among = compare_rdms(groups, groups, self.method)
        ceilings = np.array([_ceiling(rdms, self.method) for rdms in references.values()])
        each = [compare_rdms(layers, rdms, self.method).mean(dim=1) for rdms in references.values()]
        values: dict[str, object] = {
            "similarity": similarity.numpy(),
            "individual_similarity": torch.stack(each, dim=1).numpy(),
            "partial": partial_correlations(similarity, among).numpy(),
            "ceiling_lower": ceilings[:, 0],
            "ceiling_upper": ceilings[:, 1],
            "reference_similarity": among.numpy(),
        }
        names = list(references)
        coords: dict[str, object] = {"site": list(sites), "reference": names, "given": names}
        if self.pairs:
            values["percentile"] = percentile_rdms(torch.cat([layers, groups])).float().numpy()
            seen = brains[0].record
            coords |= {"compared": [*sites, *names], "stimulus_name": brains[0].names()}
            coords |= {"stimulus": seen.stimulus.values, "other_stimulus": seen.stimulus.values}
            if "category" in seen.coords:
                coords["category"] = seen.category.values
        return records.dataset(values, self.outputs, coords)

    def _brains(self) -> list[Brain]:
        """Return the brains, all with the stimuli in the order of the first.

        Raises
        ------
        SpecificationError
            Where they are of different stimuli, which names tell.
        """
        found = [source.load() for source in self.brains.values()]
        problems, first = [], found[0]
        for name, other in zip(self.brains, found, strict=True):
            if odd := sorted(set(first.names()) ^ set(other.names())):
                came = f"{len(odd)} that only one of them has, such as {odd[0]!r}"
                required = f"the stimuli of {next(iter(self.brains))}"
                advice = "Compare brains of other stimuli in an entry of their own, with `as:`."
                problems.append(Problem(f"brains.{name}", required, came, advice))
            if other.images is None:
                advice = "People who judged the test set are compared by HumanUncertainty."
                problems.append(Problem(f"brains.{name}", "images that subjects can be shown", "none", advice))
            if not {"dissimilarity", "activity"}.intersection(other.record):
                problems.append(Problem(f"brains.{name}", "dissimilarities or responses of neurons", "answers"))
        if problems:
            raise SpecificationError(problems)
        return [first, *(other.in_order_of(first.names()) for other in found[1:])]

    def _references(self, brains: list[Brain], environment: Environment, shown: Stimuli) -> dict[str, Tensor]:
        """Return the RDMs (subject, pair) of brains and predictors by name."""
        found = {name: brain.rdms(self.metric) for name, brain in zip(self.brains, brains, strict=True)}
        for name, predictor in self.predictors.items():
            found[name] = predictor.rdm(environment, shown).cpu()[None]
        return found


def _ceiling(rdms: Tensor, method: Literal["spearman", "pearson"]) -> tuple[float, float]:
    return noise_ceiling(rdms, method) if len(rdms) > 1 else (np.nan, np.nan)

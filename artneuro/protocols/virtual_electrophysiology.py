"""VirtualElectrophysiology: what single units and whole layers tell apart. Van Assen, Nishida and Fleming 2020."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, final

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from artneuro import records
from artneuro.anatomy.bench import Bench
from artneuro.anatomy.sites import resolve_sites
from artneuro.environment.environment import Stimuli
from artneuro.environment.stimulus_sample import StimulusSample
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, ge, param, some
from artneuro.labels import Label
from artneuro.measures.correlation import spearman
from artneuro.measures.profile_clusters import cluster_profiles
from artneuro.measures.rdm_comparison import compare_rdms
from artneuro.measures.rdms import percentile_rdms, rdm, square_rdm
from artneuro.measures.unit_rsa import compare_unit_rdms
from artneuro.predictors.form import Edges, Gist, SpatialFrequency
from artneuro.predictors.known import ClassMembership
from artneuro.predictors.light import Contrast, Luminance
from artneuro.predictors.predictor import Predictor
from artneuro.protocols.protocol import Assay
from artneuro.rearing.showing import Part, shown
from artneuro.recording import Pool, When, record
from artneuro.registry import register
from artneuro.seeds import Stream
from artneuro.subject import Subject

UNIT, SITE = ("unit",), ("site",)


@final
@register("VirtualElectrophysiology")
@define_spec
class VirtualElectrophysiology(Assay):
    """Compare what single units and whole layers tell apart with what predictors of the stimuli do.

    The RDM of a unit is the difference of its activity for each pair of stimuli, that of a layer the distance of the
    patterns over its units. Each is correlated with the RDM of every predictor; the row of a unit is its profile, and
    units are clustered by their profiles, those of all sites together. All subjects see the same stimuli. A unit that
    answers all stimuli alike has no RDM: its values are missing, and `constant` is 1.

    Do units matter more that no predictor explains? With `importance`, each unit is also silenced alone, after its
    nonlinearity and on a copy, and what that costs is compared with how well the best predictor explains the unit.

    Van Assen, Nishida and Fleming 2020, doi 10.1371/journal.pcbi.1008018. They cluster with k-means; Ward's method,
    taken here, needs no random beginning.
    """

    predictors: dict[str, Predictor] = param(
        {
            "luminance": Luminance(),
            "contrast": Contrast(),
            "spatial frequency": SpatialFrequency(),
            "edges": Edges(),
            "gist": Gist(),
            "class": ClassMembership(),
        },
        doc="name -> what stimuli may be told apart by",
        check=some(),
    )
    sites: tuple[str, ...] = param((), doc="where; all sites, if left out")
    stimuli: StimulusSample = param(StimulusSample(), doc="what is shown")
    pool: Pool = param("mean", doc="a feature map as one unit, by its mean or maximum; or every place of it as a unit")
    when: When = param("after", doc="after the site's nonlinearity or before it")
    method: Literal["pearson", "spearman", "rho_a", "cosine"] = param("spearman", doc="how RDMs are compared")
    metric: Literal["correlation", "cosine", "euclidean", "sqeuclidean"] = param(
        "euclidean", doc="dissimilarity of the patterns over a layer; correlation has none where all units are silent"
    )
    clusters: int = param(4, doc="clusters of units", check=ge(1))
    extremes: int = param(3, doc="stimuli named that drive a unit most, and as many that do least", check=ge(1))
    importance: Part | None = param(
        None, doc="set on which performance is measured with each unit silenced alone; no lesions, if left out"
    )
    pairs: bool = param(False, doc="whether the RDMs of sites are recorded, and as ranks those of predictors too")

    outputs: ClassVar[Mapping[str, Label]] = {
        "unit_correlation": Label("correlation of the unit's RDM with the predictor's", "1", (*UNIT, "predictor")),
        "unit_cluster": Label("cluster of the unit, the largest being 0; -1 where it has no profile", "1", UNIT),
        "constant": Label("1 where the unit answers all stimuli alike", "1", UNIT),
        "most_driving": Label("stimulus that drives the unit most, then the next", "1", (*UNIT, "rank")),
        "least_driving": Label("stimulus that drives the unit least, then the next", "1", (*UNIT, "rank")),
        "cluster_correlation": Label("mean profile of the cluster", "1", ("cluster", "predictor")),
        "cluster_share": Label("share of the site's units that are in the cluster", "1", (*SITE, "cluster")),
        "site_correlation": Label("correlation of the site's RDM with the predictor's", "1", (*SITE, "predictor")),
        "mean_correlation": Label("mean correlation of the site's units with the predictor", "1", (*SITE, "predictor")),
        "unexplained": Label("share of the site's units best explained below 0.1, constant ones left out", "1", SITE),
        "best_correlation": Label(
            "correlation of the unit's RDM with that predictor's which explains it best", "1", UNIT
        ),
        "importance": Label("fall of accuracy when the unit alone is silenced", "1", UNIT),
        "importance_loss": Label("rise of cross-entropy when the unit alone is silenced", "nat", UNIT),
        "explained_importance_rho": Label(
            "Spearman's rho of the unit's best correlation and its importance, constant units left out", "1", SITE
        ),
        "explained_importance_loss_rho": Label(
            "Spearman's rho of the unit's best correlation and its importance for the loss, constant units left out",
            "1",
            SITE,
        ),
        "dissimilarity": Label(
            "dissimilarity of the site's activity for two stimuli", "1", (*SITE, "stimulus", "other_stimulus")
        ),
        "percentile": Label(
            "dissimilarity, as its rank among all pairs", "1", ("compared", "stimulus", "other_stimulus")
        ),
    }

    def problems(self) -> Iterator[Problem]:
        """Refuse lesions of the places of maps."""
        if self.importance is not None and self.pool == "none":
            advice = "Lesions take a feature map as one unit; or leave `importance` out."
            yield Problem("pool", "mean or max, where units are silenced", "none", advice)

    def cautions(self, record: xr.Dataset) -> Iterator[str]:
        """Count the units that have no RDM, site by site, all subjects together."""
        named = []
        for site in record.site.values:
            own = (record.unit_site == site) & (record.constant >= 0)  # -1 where a subject has fewer units than others
            alike = int((own & (record.constant == 1)).sum())
            named += [f"{site} {alike} of {int(own.sum())}"] if alike else []
        if named:
            yield (
                "Units that answer all stimuli alike have no RDM; they are left out of profiles, clusters and "
                f"correlations: {', '.join(named)}."
            )

    def levels(self) -> Mapping[str, tuple[str, ...]]:
        """Return predictors, and sites where they are named."""
        known = {"predictor": tuple(self.predictors), "site": self.sites}
        return {dim: levels for dim, levels in known.items() if levels}

    def levels_of(self, subject: Subject) -> Mapping[str, tuple[str, ...]]:
        """Return sites."""
        return {"site": tuple(resolve_sites(subject.sites(), self.sites or subject.sites()))}

    def refusals(self, subject: Subject) -> Iterator[Problem]:
        """Refuse sites that are not there, samples that are too large, and stimuli that cannot be described."""
        found = list(self.stimuli.refusals(subject.environment))
        try:
            resolve_sites(subject.sites(), self.sites or subject.sites())
        except SpecificationError as error:
            found += error.problems
        yield from found
        if found:
            return
        seen = self.stimuli.of(subject.environment)
        if self.extremes > len(seen):
            yield Problem("extremes", f"at most {len(seen)}, the stimuli shown", str(self.extremes))
        if self.importance is not None and not subject.environment.classes:
            advice = "Leave it out where targets are values."
            yield Problem("importance", "an environment whose targets are classes", "one of values", advice)
        for name in set(self.predictors).intersection(self.sites or subject.sites()) if self.pairs else ():
            yield Problem("predictors", "names that no site has, where RDMs are recorded side by side", repr(name))
        for predictor in self.predictors.values():
            try:
                predictor.rdm(subject.environment, seen)
            except SpecificationError as error:
                yield from error.problems

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        environment = subject.environment
        seen = self.stimuli.of(environment)
        sites = self.sites or tuple(subject.sites())
        recording = record(subject, seen, sites, pool=self.pool, when=self.when)
        of_unit, activity = recording.unit_site.values, torch.from_numpy(recording.activity.values)
        models = torch.stack([each.rdm(environment, seen) for each in self.predictors.values()]).cpu()
        profiles = compare_unit_rdms(activity, models, self.method)
        constant = (activity == activity[0]).all(dim=0)
        profiles[constant] = torch.nan  # a method may call them 0
        best = profiles.amax(dim=1)
        cluster = cluster_profiles(profiles, self.clusters)
        order = activity.argsort(dim=0, stable=True).T.numpy()
        names = recording.stimulus.values
        values: dict[str, object] = {
            "unit_correlation": profiles.numpy(),
            "unit_cluster": cluster.numpy(),
            "constant": constant.numpy(),
            "most_driving": names[order[:, ::-1][:, : self.extremes]],
            "least_driving": names[order[:, : self.extremes]],
            "cluster_correlation": np.stack([_mean(profiles[cluster == one].numpy()) for one in range(self.clusters)]),
            "best_correlation": best.numpy(),
        }
        where = {site: torch.from_numpy(of_unit == site) for site in sites}
        layers = torch.stack([rdm(activity[:, units], self.metric) for units in where.values()])
        values["site_correlation"] = compare_rdms(layers, models, self.method).numpy()
        values["mean_correlation"] = np.stack([_mean(profiles[units].numpy()) for units in where.values()])
        own = range(self.clusters)
        values["cluster_share"] = [[float((cluster[u] == one).double().mean()) for one in own] for u in where.values()]
        values["unexplained"] = [float((best[u & ~constant] < 0.1).double().mean()) for u in where.values()]
        coords = {
            "site": list(sites),
            "predictor": list(self.predictors),
            "cluster": np.arange(self.clusters),
            "rank": np.arange(self.extremes),
            **{
                name: recording[name].values for name in ("unit_site", "unit_index", "unit_channel", "unit_y", "unit_x")
            },
        }
        if self.importance is not None:
            costs = _costs(subject, sites, self.importance, rng)
            values |= costs
            for name, cost in costs.items():
                pairs = [(best[units & ~constant], cost[units & ~constant]) for units in where.values()]
                values[f"explained_{name}_rho"] = [spearman(explained, own) for explained, own in pairs]
        if self.pairs:
            values["dissimilarity"] = square_rdm(layers).float().numpy()
            values["percentile"] = percentile_rdms(torch.cat([layers, models])).float().numpy()
            coords["compared"] = [*sites, *self.predictors]
            coords |= _stimuli(seen, environment.classes)
        return records.dataset(values, self.outputs, coords)


def _costs(subject: Subject, sites: tuple[str, ...], part: Part, rng: Stream) -> dict[str, Tensor]:
    """Return what it costs to silence each unit alone, shape (unit,), all sites in turn."""
    # twice as fast for convolutions on a CPU; torch's types do not know the argument
    model = subject.model().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    bench = Bench(model, resolve_sites(subject.sites(), sites), shown(subject, model, part, 500, rng), rng)
    with torch.no_grad():
        intact, alone = bench.performance(), [bench.each_silenced(site) for site in sites]
    return {
        "importance": intact.accuracy.cpu() - torch.cat([tally.accuracy for tally in alone]).cpu(),
        "importance_loss": torch.cat([tally.loss for tally in alone]).cpu() - intact.loss.cpu(),
    }


def _stimuli(seen: Stimuli, classes: tuple[str, ...]) -> dict[str, object]:
    """Return the coordinates of stimuli, with the names of their classes, where they have some."""
    numbers = seen.index.cpu().numpy()
    known: dict[str, object] = {"stimulus": numbers, "other_stimulus": numbers}
    if classes:
        known["category"] = [classes[target] for target in seen.targets.tolist()]
    return known


def _mean(profiles: np.ndarray) -> np.ndarray:
    """Return the mean over units that have a profile; not-a-number where none has."""
    known = profiles[~np.isnan(profiles).any(axis=1)]
    return known.mean(axis=0) if len(known) else np.full(profiles.shape[1], np.nan)

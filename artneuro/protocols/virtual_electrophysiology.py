"""VirtualElectrophysiology: what single units and whole layers tell apart. Van Assen, Nishida and Fleming 2020."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, final

import numpy as np
import torch
import xarray as xr

from artneuro import records
from artneuro.anatomy.sites import resolve_sites
from artneuro.environment.stimulus_sample import StimulusSample
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, ge, param, some
from artneuro.labels import Label
from artneuro.measures.profile_clusters import cluster_profiles
from artneuro.measures.rdm_comparison import compare_rdms
from artneuro.measures.rdms import rdm
from artneuro.measures.unit_rsa import compare_unit_rdms
from artneuro.predictors.form import Edges, Gist, SpatialFrequency
from artneuro.predictors.known import ClassMembership
from artneuro.predictors.light import Contrast, Luminance
from artneuro.predictors.predictor import Predictor
from artneuro.protocols.protocol import Assay
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
    }

    def levels(self) -> Mapping[str, tuple[str, ...]]:
        """Return predictors, and sites where they are named."""
        known = {"predictor": tuple(self.predictors), "site": self.sites}
        return {dim: levels for dim, levels in known.items() if levels}

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
        shown = self.stimuli.of(subject.environment)
        if self.extremes > len(shown):
            yield Problem("extremes", f"at most {len(shown)}, the stimuli shown", str(self.extremes))
        for predictor in self.predictors.values():
            try:
                predictor.rdm(subject.environment, shown)
            except SpecificationError as error:
                yield from error.problems

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        environment = subject.environment
        shown = self.stimuli.of(environment)
        sites = self.sites or tuple(subject.sites())
        recording = record(subject, shown, sites, pool=self.pool, when=self.when)
        of_unit, activity = recording.unit_site.values, torch.from_numpy(recording.activity.values)
        models = torch.stack([each.rdm(environment, shown) for each in self.predictors.values()]).cpu()
        profiles = compare_unit_rdms(activity, models, self.method)
        constant = (activity == activity[0]).all(dim=0)
        profiles[constant] = torch.nan  # a method may call them 0
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
        }
        where = {site: torch.from_numpy(of_unit == site) for site in sites}
        layers = torch.stack([rdm(activity[:, units], self.metric) for units in where.values()])
        values["site_correlation"] = compare_rdms(layers, models, self.method).numpy()
        values["mean_correlation"] = np.stack([_mean(profiles[units].numpy()) for units in where.values()])
        own = range(self.clusters)
        values["cluster_share"] = [[float((cluster[u] == one).double().mean()) for one in own] for u in where.values()]
        best = profiles.amax(dim=1)
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
        return records.dataset(values, self.outputs, coords)


def _mean(profiles: np.ndarray) -> np.ndarray:
    """Return the mean over units that have a profile; not-a-number where none has."""
    known = profiles[~np.isnan(profiles).any(axis=1)]
    return known.mean(axis=0) if len(known) else np.full(profiles.shape[1], np.nan)

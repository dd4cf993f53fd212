"""NeuralPrediction: how well the activity of networks predicts that of neurons. Yamins et al. 2014."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, final

import numpy as np
import torch
import xarray as xr

from artneuro import records
from artneuro.anatomy.sites import resolve_sites
from artneuro.brains.brain import Brain, BrainSource
from artneuro.brains.resizing import Resize
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, ge, param
from artneuro.labels import Label
from artneuro.measures.encoding import encoding_fit, encoding_predictions, split_half_reliability
from artneuro.protocols.protocol import Assay
from artneuro.recording import Pool, When, record
from artneuro.registry import register
from artneuro.seeds import Stream
from artneuro.subject import Subject

SITE = ("site",)


@final
@register("NeuralPrediction")
@define_spec
class NeuralPrediction(Assay):
    """Predict the responses of each neuron of a brain from the units of each site, by cross-validated regression.

    Subjects are shown the images that the animal was shown. The fit is the correlation of predicted and measured
    responses over stimuli that were not fitted; corrected for noise, it is what it would be with responses without
    noise, as far as single presentations tell. Stimuli are cut into the same folds for all subjects.

    Yamins et al. 2014, doi 10.1073/pnas.1403112111; Schrimpf et al. 2018, doi 10.1101/407007.
    """

    brain: BrainSource = param(doc="whose neurons")
    sites: tuple[str, ...] = param((), doc="where; all sites, if left out")
    pool: Pool = param("none", doc="every place of a feature map as a unit; or the map as one, by its mean or maximum")
    when: When = param("after", doc="after the site's nonlinearity or before it")
    method: Literal["ridge", "pls"] = param("ridge", doc="regression")
    components: int = param(25, doc="components of pls", check=ge(1))
    folds: int = param(5, doc="parts of the stimuli, each predicted from the others", check=ge(2))
    seed: int = param(0, doc="seed of the folds, and of the halves that tell the noise", check=ge(0))
    resize: Resize = param("bilinear", doc="how images become those of the environment's size")

    outputs: ClassVar[Mapping[str, Label]] = {
        "fit": Label("correlation of predicted and measured responses of the neuron", "1", (*SITE, "neuron")),
        "corrected_fit": Label(
            "correlation of predicted and measured responses, corrected for their noise", "1", (*SITE, "neuron")
        ),
        "median_fit": Label("median over neurons of the fit", "1", SITE),
        "median_corrected_fit": Label("median over reliable neurons of the fit, corrected for noise", "1", SITE),
        "reliability": Label("reliability of the neuron's mean responses; missing without trials", "1", ("neuron",)),
        "median_ceiling": Label("median over neurons of the fit that a perfect model would reach", "1"),
    }

    def levels(self) -> Mapping[str, tuple[str, ...]]:
        """Return sites, where they are named."""
        return {"site": self.sites} if self.sites else {}

    def material(self) -> str:
        """Return what identifies the brain."""
        return self.brain.load().fingerprint

    def levels_of(self, subject: Subject) -> Mapping[str, tuple[str, ...]]:
        """Return sites."""
        return {"site": tuple(resolve_sites(subject.sites(), self.sites or subject.sites()))}

    def refusals(self, subject: Subject) -> Iterator[Problem]:
        """Refuse sites that are not there, and brains without neurons or images."""
        try:
            resolve_sites(subject.sites(), self.sites or subject.sites())
        except SpecificationError as error:
            yield from error.problems
        brain = self.brain.load()
        if "activity" not in brain.record or brain.images is None:
            yield Problem("brain", "responses of neurons, and the images that they are to", repr(brain))
        elif len(brain) < 2 * self.folds:
            yield Problem("folds", f"at most {len(brain) // 2}, half of the stimuli", str(self.folds))

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        brain = self.brain.load()
        shown = brain.shown_to(subject.environment, self.resize)
        sites = self.sites or tuple(subject.sites())
        recording = record(subject, shown, sites, pool=self.pool, when=self.when)
        neurons, reliability = brain.record.activity.values, self._reliability(brain)
        fits, corrected = [], []
        for site in sites:
            features = recording.activity.values[:, recording.unit_site.values == site]
            most = min(self.components, features.shape[1])
            folds = {"stream": Stream(self.seed).child("folds"), "folds": self.folds, "components": most}
            # units that are constant, such as silent ones, predict nothing
            features = features[:, np.ptp(features, axis=0) > 0]
            if not features.shape[1]:
                fits.append(np.full(neurons.shape[1], np.nan))
                corrected.append(fits[-1])
                continue
            predicted = encoding_predictions(features, neurons, self.method, **folds)
            fits.append(encoding_fit(predicted, neurons).numpy())
            corrected.append(encoding_fit(predicted, neurons, torch.from_numpy(reliability)).numpy())
        values = {
            "fit": np.stack(fits),
            "corrected_fit": np.stack(corrected),
            "median_fit": [_median(each) for each in fits],
            "median_corrected_fit": [_median(each) for each in corrected],
            "reliability": reliability,
            "median_ceiling": _median(np.sqrt(np.where(reliability > 0, reliability, np.nan))),
        }
        coords = {"site": list(sites), "neuron": np.arange(neurons.shape[1])}
        return records.dataset(values, self.outputs, coords)

    def _reliability(self, brain: Brain) -> np.ndarray:
        if "trial_activity" not in brain.record:
            return np.full(brain.record.sizes["unit"], np.nan)
        trials = brain.record.trial_activity.values
        return split_half_reliability(trials, stream=Stream(self.seed).child("halves")).numpy()


def _median(values: np.ndarray) -> float:
    """Return the median of those that there are."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")

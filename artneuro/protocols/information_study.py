"""InformationStudy: how much the answers of a network depend on its weights. Achille et al. 2019, arXiv 1711.08856."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, final

import torch
import xarray as xr
from torch import Tensor, nn

from artneuro import records
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Spec, define_spec, ge, gt, param
from artneuro.labels import Label
from artneuro.measures.directions import Source
from artneuro.measures.fisher import Estimator, FisherTrace, empirical_fisher_trace, fisher_trace
from artneuro.measures.gradients import gradient_statistics
from artneuro.measures.kfac import kfac_log_determinant
from artneuro.measures.noise import noise_information
from artneuro.measures.parametrised import parameters_by_layer
from artneuro.measures.performance import Tally
from artneuro.protocols.protocol import Assay
from artneuro.registry import register
from artneuro.seeds import Stream
from artneuro.subject import Subject

LAYER = ("layer",)


@final
@define_spec
class NoiseInjection(Spec):
    """How the noise is sought that weights bear: see `artneuro.measures.noise`."""

    beta: float = param(doc="what a nat of information may cost, in nats of loss", check=gt(0))
    prior_width: float = param(doc="standard deviation of the prior of every weight, around 0", check=gt(0))
    steps: int = param(
        200, doc="steps of the descent, of two backward passes each; the second half counts", check=ge(4)
    )
    start: float = param(0.01, doc="standard deviation of the noise to begin with", check=gt(0))
    batch: int = param(128, doc="stimuli of a mini-batch", check=ge(1))

    def problems(self) -> Iterator[Problem]:
        """Refuse a beginning beyond the prior."""
        if self.start > self.prior_width:
            yield Problem("start", f"at most the prior's width, {self.prior_width:g}", f"{self.start:g}")


@final
@register("InformationStudy")
@define_spec
class InformationStudy(Assay):
    """Measure the Fisher information of a subject's weights, in total and layer by layer.

    ``F = E_x E_{y ~ p_w(y|x)} [grad log p_w(y|x) grad log p_w(y|x)^T]``: labels are the model's own. Its trace is
    recorded with a standard error, beside the predictive entropy, with which it falls. With ``ages: {every: 5}`` in its
    entry a study follows the information over a life. The subject is measured in evaluation mode, batch norm frozen, on
    stimuli without augmentation, and left as it is. A network that knows blurred images alone is unsure of sharp ones,
    and has much information there: to follow a life under a deficit, take stimuli as they were `seen`.

    Randomness, for a subject of seed s, comes from ``Stream(s).child("assay", "InformationStudy")``: the stimuli are
    the first `count` of a permutation from ``child("stimuli", set)``, and what estimators draw comes from
    ``child("draws")``, K-FAC from ``child("kfac")`` and noise from ``child("noise")``. So twins are measured on the
    same stimuli with the same draws, and a subject at all its ages.
    """

    estimator: Estimator = param(
        "weighted",
        doc="how the expectation over labels is taken: labels drawn as often as they count, as often as the network "
        "answers them, random probes, every label in turn, or whole batches",
    )
    draws: int = param(1, doc="how often something is drawn for each stimulus; 1 for `exact`", check=ge(1))
    stimuli: Literal["train", "seen", "test"] = param(
        "train",
        doc="set that stimuli are taken from: training stimuli as they are, or as the subject last saw them, with the "
        "deficits that it had then; or test stimuli",
    )
    count: int | None = param(512, doc="stimuli measured on, a random sample; all, if nothing", check=ge(2))
    layers: tuple[str, ...] = param((), doc="names of torch modules to measure; all with weights, if left out")
    empirical: bool = param(False, doc="also record the same trace with the targets in place of the model's own labels")
    gradient_batch: int | None = param(
        None, doc="stimuli of a mini-batch, for the statistics of gradients; not measured, if left out", check=ge(1)
    )
    kfac_damping: float | None = param(
        None,
        doc="damping of the K-FAC log-determinant, which is then recorded for linear layers and convolutions",
        check=gt(0),
    )
    noise: NoiseInjection | None = param(
        None, doc="how the noise is sought that weights bear; not measured, if left out"
    )
    batch: int = param(32, doc="stimuli at a time; for the estimator `batch`, those that are summed up", check=ge(1))

    needs_classes: ClassVar[bool] = True
    outputs: ClassVar[Mapping[str, Label]] = {
        "fisher_trace": Label("trace of the Fisher information of all layers measured", "nat"),
        "fisher_trace_error": Label("its standard error, over stimuli and draws", "nat"),
        "fisher_draw_error": Label("its standard error over draws alone; missing where there was one", "nat"),
        "layer_trace": Label("trace of the Fisher information of the layer", "nat", LAYER),
        "layer_trace_error": Label("its standard error, over stimuli and draws", "nat", LAYER),
        "fisher_share": Label("the layer's share of the trace", "1", LAYER),
        "layer_weights": Label("number of weights of the layer", "1", LAYER),
        "predictive_entropy": Label("mean entropy of the answers", "nat"),
        "accuracy": Label("accuracy on the same stimuli, as it was taught them"),
        "loss": Label("cross-entropy on the same stimuli, as it was taught them", "nat"),
        "empirical_trace": Label("mean squared norm of the gradient of the loss, with targets as taught", "nat"),
        "empirical_trace_error": Label("its standard error, over stimuli", "nat"),
        "empirical_layer_trace": Label("the same, of the layer", "nat", LAYER),
        "kfac_log_determinant": Label("log-determinant of the damped information, of all layers with factors", "nat"),
        "kfac_layer_log_determinant": Label("the same, of the layer; missing where it has no factors", "nat", LAYER),
        "noise_information": Label("information in the weights by the noise that they bear", "nat"),
        "noise_information_error": Label("its standard error, over noise and mini-batches", "nat"),
        "noise_layer_information": Label("the same, of the layer", "nat", LAYER),
        "noise_deviation": Label("geometric mean of the noise that the layer's weights bear", "1", LAYER),
        "gradient_log_mean": Label("log norm of the mean gradient over mini-batches", "1", LAYER),
        "gradient_log_deviation": Label("log norm of the deviation of gradients over mini-batches", "1", LAYER),
    }

    def problems(self) -> Iterator[Problem]:
        """Refuse parameters that do not go together."""
        if self.estimator == "exact" and self.draws != 1:
            yield Problem("draws", "1 for `exact`, which draws nothing", str(self.draws))
        if self.gradient_batch is not None and self.count is not None and self.count < 2 * self.gradient_batch:
            required = f"at most half of `count`, {self.count // 2}: two mini-batches or more"
            yield Problem("gradient_batch", required, str(self.gradient_batch))

    def levels_of(self, subject: Subject) -> Mapping[str, tuple[str, ...]]:
        """Return layers."""
        return {"layer": tuple(parameters_by_layer(subject.model(), self.layers or None))}

    def refusals(self, subject: Subject) -> Iterator[Problem]:
        """Refuse sets that are too small, layers that are not there, and networks that cannot be measured."""
        if subject.rearing is not None and subject.rearing.loss != "cross_entropy":
            advice = "Its outputs are no logits of class probabilities, of which this is the information."
            yield Problem("rearing.loss", "subjects reared with cross_entropy", subject.rearing.loss, advice)
            return
        there = len(subject.environment.test if self.stimuli == "test" else subject.environment.train)
        if self.count is not None and self.count > there:
            yield Problem("count", f"at most {there}, all there are", str(self.count))
        if self.gradient_batch is not None and there < 2 * self.gradient_batch:
            yield Problem("gradient_batch", f"at most half of the {there} there are", str(self.gradient_batch))
        try:
            # labels are no matter here: whether it can be measured is the same for all
            model, few = subject.model(), self._shown(subject, torch.arange(2))
            layers = fisher_trace(model, few, estimator="exact", **self._chosen).layers
            if self.kfac_damping is not None:
                self._kfac(model, few, layers, subject.stream)
        except SpecificationError as error:
            yield from error.problems

    @property
    def _chosen(self) -> dict[str, Any]:
        return {"layers": self.layers or None}

    def _shown(self, subject: Subject, numbers: Tensor) -> Tensor:
        """Return stimuli by their numbers, as presented."""
        environment = subject.environment
        images = (environment.test if self.stimuli == "test" else environment.train).images
        presented = subject.present(images[numbers.to(environment.device)])
        return subject.perceived(presented) if self.stimuli == "seen" else presented

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        model, environment = subject.model(), subject.environment
        targets = environment.test.targets if self.stimuli == "test" else subject.learnt_targets()
        part = "test" if self.stimuli == "test" else "train"  # the same stimuli, as they are and as they were seen
        order = torch.from_numpy(rng.child("stimuli", part).numpy().permutation(len(targets)))[: self.count]
        stimuli, targets = self._shown(subject, order), targets[order.to(targets.device)]
        found = fisher_trace(
            model,
            stimuli,
            estimator=self.estimator,
            draws=self.draws,
            generator=rng.child("draws").torch(),
            batch=self.batch,
            **self._chosen,
        )
        values = self._recorded(found, targets, len(environment.classes))
        if self.empirical:
            loss = empirical_fisher_trace(model, stimuli, targets, batch=self.batch, **self._chosen)
            values |= {"empirical_trace": loss.total, "empirical_trace_error": loss.total_error}
            values["empirical_layer_trace"] = loss.value
        if self.gradient_batch is not None:
            gradients = gradient_statistics(model, stimuli, targets, batch=self.gradient_batch, **self._chosen)
            values["gradient_log_mean"] = gradients.log_mean
            values["gradient_log_deviation"] = gradients.log_deviation
        if self.kfac_damping is not None:
            values |= self._kfac(model, stimuli, found.layers, rng.child("kfac"))
        if self.noise is not None:
            values |= self._noise(self.noise, model, stimuli, targets, rng.child("noise"))
        sizes = dict(model.named_parameters())
        layers = parameters_by_layer(model, self.layers or None)
        values["layer_weights"] = [sum(sizes[name].numel() for name in own) for own in layers.values()]
        values = {name: value.cpu().numpy() if isinstance(value, Tensor) else value for name, value in values.items()}
        # weights that the network itself owns belong to no module with a name
        return records.dataset(values, self.outputs, {"layer": [name or "(network)" for name in layers]})

    def _kfac(self, model: nn.Module, stimuli: Tensor, layers: Sequence[str], rng: Stream) -> dict[str, Any]:
        kinds = {name: type(model.get_submodule(name)) for name in layers}
        factored = [name for name, kind in kinds.items() if issubclass(kind, nn.Linear | nn.Conv2d)]
        source: Source = "sampled" if self.estimator == "batch" else self.estimator
        found = kfac_log_determinant(
            model,
            stimuli,
            damping=self.kfac_damping or 0.0,
            source=source,
            draws=self.draws,
            generator=rng.torch(),
            batch=self.batch,
            layers=factored,
        )
        known = dict(zip(found.layers, found.value.tolist(), strict=True))
        along = [known.get(name, float("nan")) for name in layers]
        return {"kfac_log_determinant": found.total, "kfac_layer_log_determinant": along}

    def _noise(
        self, asked: NoiseInjection, model: nn.Module, stimuli: Tensor, targets: Tensor, rng: Stream
    ) -> dict[str, Any]:
        found = noise_information(
            model,
            stimuli,
            targets,
            beta=asked.beta,
            prior_width=asked.prior_width,
            generator=rng.torch(),
            steps=asked.steps,
            start=asked.start,
            batch=asked.batch,
            **self._chosen,
        )
        return {
            "noise_information": found.total,
            "noise_information_error": found.total_error,
            "noise_layer_information": found.value,
            "noise_deviation": found.deviation,
        }

    def _recorded(self, found: FisherTrace, targets: Tensor, classes: int) -> dict[str, Any]:
        tally = Tally.of(found.logits, targets, classes)
        return {
            "fisher_trace": found.total,
            "fisher_trace_error": found.total_error,
            "fisher_draw_error": found.total_draw_error,
            "layer_trace": found.value,
            "layer_trace_error": found.error,
            "fisher_share": found.share,
            "predictive_entropy": found.entropy,
            "accuracy": tally.accuracy,
            "loss": tally.loss,
        }

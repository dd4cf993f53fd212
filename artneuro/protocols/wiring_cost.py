"""WiringCost: what networks become whose connections cost what they are long. Liu et al. 2023, arXiv 2305.08746."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, final

import numpy as np
import torch
import xarray as xr
from torch import nn

from artneuro import measures, records
from artneuro.anatomy.carrying import Carrying
from artneuro.anatomy.circuit import INPUT, OUTPUT, Circuit
from artneuro.anatomy.embedding import Embedded, Space
from artneuro.anatomy.graph import Graph
from artneuro.anatomy.groups import Groups
from artneuro.cohort import Arm
from artneuro.connectomes.as_graph import MEASURED, AsGraph
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import between, define_spec, ge, gt, param
from artneuro.labels import Label
from artneuro.protocols.protocol import Assay
from artneuro.protocols.wiring_record import OUTPUTS, judged_by
from artneuro.rearing import gains
from artneuro.rearing.criterion import Criterion, Loss
from artneuro.rearing.intervention import Intervention
from artneuro.rearing.magnitude_pruning import MagnitudePruning
from artneuro.rearing.swap import Swap
from artneuro.rearing.wiring_penalty import WiringPenalty, places_of
from artneuro.registry import register
from artneuro.seeds import Stream
from artneuro.subject import Subject

Treatment = Literal["vanilla", "l1", "l1+local", "l1+swap", "bimt", "pruned-once", "pruned-stepwise"]
PRUNED = ("pruned-once", "pruned-stepwise")
STEPS = 20
"""Thresholds that are tried, down to a thousandth of the one declared, before every weight is a connection."""


@final
@register("WiringCost")
@define_spec
class WiringCost(Assay):
    """Rear twins with and without a cost of wiring, and compare the graphs that they become.

    It brings its arms; subjects of one seed are twins in all of them:

    vanilla
        Nothing is done.
    l1
        Every connection costs the same, whatever its length: `penalty` with ``local: false``.
    l1+local
        Connections cost what they are long: `penalty` as declared.
    l1+swap
        As l1, and units change places as `swap` declares, by the lengths that are not taxed.
    bimt
        Both: brain-inspired modular training.

    pruned-once, pruned-stepwise
        Nothing costs anything; the weakest connections are taken away as `pruning` declares, in one round or in all
        of them. Both end with the sparsity declared, so choose that which another arm reaches: an arm is not told
        what becomes of its twins.

    With ``treatments: []`` it brings none, and measures the arms that the study declares.

    A connection exists where its absolute weight is above `threshold` times the largest of the network. A network may
    need connections that are weaker: with `most_loss` the threshold is lowered until the graph alone does what the
    network does, so that parts, modules and paths are those of something that works.

    Examples
    --------
    >>> import artneuro as an
    >>> from artneuro.rearing import Swap, WiringPenalty
    >>> penalty = WiringPenalty(phases=({"rate": 0.01},))
    >>> study = an.WiringCost(penalty=penalty, swap=Swap(every=5), treatments=("vanilla", "bimt"))
    >>> cohort = an.Cohort.of(
    ...     anatomy=an.anatomy("embedded", of={"mlp": {"widths": [8]}}), environment=an.environment("digits"),
    ...     rearing=an.Rearing(epochs=1, batch=200), arms=study.arms(), n=1)
    >>> record = study.run(cohort.rear())
    >>> record.arm.values.tolist(), record.sizes["unit"]
    (['vanilla', 'bimt'], 82)
    """

    penalty: WiringPenalty | None = param(None, doc="what wiring costs, in bimt; taxed arms need it")
    swap: Swap = param(Swap(), doc="how units change places")
    pruning: MagnitudePruning | None = param(None, doc="how connections are pruned; pruned arms need it")
    treatments: tuple[Treatment, ...] = param(("vanilla", "l1", "l1+local", "l1+swap", "bimt"), doc="the arms")
    threshold: float = param(
        0.01, doc="share of the largest absolute weight, up to which there is no connection", check=between(0, 1)
    )
    most_loss: float | None = param(
        None,
        doc="times the network's loss on test stimuli that its graph may have: the threshold is lowered, each time by "
        "the square root of 2, until it has no more; any, if left out",
        check=ge(1),
    )
    resolution: float = param(1.0, doc="of modules: the higher, the smaller", check=gt(0))
    runs: int = param(5, doc="searches for modules, of which the best counts", check=ge(1))
    graph: AsGraph = param(AsGraph(), doc="how the connections are measured as a graph without weights")
    least_accuracy: float = param(
        0.0, doc="on test stimuli; the graph of a subject below it is not measured by `graph`", check=between(0, 1)
    )
    batch: int = param(500, doc="stimuli at a time", check=ge(1))

    of_classes: ClassVar[tuple[str, ...]] = ("test_accuracy", "graph_test_accuracy")
    outputs: ClassVar[Mapping[str, Label]] = OUTPUTS

    def problems(self) -> Iterator[Problem]:
        """Refuse arms that are the same, without what they need, and a penalty that no arm would have."""
        if len(set(self.treatments)) < len(self.treatments):
            yield Problem("treatments", "each once", ", ".join(self.treatments))
        taxed = [name for name in self.treatments if name not in ("vanilla", *PRUNED)]
        if self.penalty is None and taxed:
            yield Problem("penalty", f"what wiring costs, for {', '.join(taxed)}", "nothing")
        if self.pruning is None and (pruned := [name for name in self.treatments if name in PRUNED]):
            yield Problem("pruning", f"how connections are pruned, for {', '.join(pruned)}", "nothing")
        if self.penalty is not None and not self.penalty.local:
            yield Problem("penalty.local", "true: the arms l1 and l1+swap are without", "false")

    def arms(self) -> dict[str, Arm]:
        """Return one arm a treatment."""
        done: dict[str, tuple[Intervention, ...]] = {"vanilla": ()}
        if self.penalty is not None:
            even = self.penalty.but(local=False)
            done |= {
                "l1": (even,),
                "l1+local": (self.penalty,),
                "l1+swap": (even, self.swap),
                "bimt": (self.penalty, self.swap),
            }
        if self.pruning is not None:
            done |= {"pruned-once": (self.pruning.but(rounds=1),), "pruned-stepwise": (self.pruning,)}
        return {name: Arm(interventions=done[name]) for name in self.treatments}

    def material(self) -> str:
        """Return what identifies the nervous systems that stand beside the subjects."""
        return self.graph.material()

    def refusals(self, subject: Subject) -> Iterator[Problem]:
        """Refuse subjects without places, or without what is seen as a graph; and connectomes that are not there."""
        try:
            space = Space.of(subject.anatomy, subject.model())
        except SpecificationError as error:
            yield from error.problems
            return
        if self.least_accuracy and not subject.environment.classes:
            yield Problem(
                "least_accuracy", "0, where targets are values and there is no accuracy", f"{self.least_accuracy:g}"
            )
        if self.graph.connections == "recurrent" and not _recurrent(space):
            yield Problem("graph.connections", "all, where no layer is connected to itself", "recurrent")
            return
        units = sum(space.circuit.layers[layer] for layer in self._layers(space))
        yield from (problem.within("graph") for problem in self.graph.refusals(units))

    def levels_of(self, subject: Subject) -> Mapping[str, tuple[str, ...]]:
        """Return layers, projections, sites that show units, and quantities."""
        circuit = Space.of(subject.anatomy, subject.model()).circuit
        return {
            "unit_site": tuple(circuit.layers),
            "projection": tuple(each.name for each in circuit.projections),
            "circuit_site": tuple(_carrying(subject, circuit, stimuli=2).layers),
            "quantity": tuple(subject.environment.test.quantities),
        }

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        threshold, graph = self._graph(subject)
        circuit = graph.space.circuit
        carrying = _carrying(subject, circuit)
        coords = {
            "axis": ["x", "y", "z"],
            "connectome": np.array(self.graph.beside, dtype="U"),
            "circuit_site": np.array(list(carrying.layers), dtype="U"),
            "quantity": np.array(list(subject.environment.test.quantities), dtype="U"),
            "projection": np.array([each.name for each in circuit.projections], dtype="U"),
            "unit": np.arange(len(graph.sites)),
            "unit_site": np.array(graph.sites),
            "unit_index": graph.index,
            "connection_source": graph.source,
            "connection_target": graph.target,
        }
        values = self._wiring(graph, rng.child("modules")) | self._carried(graph, carrying, rng.child("decoded"))
        values |= self._judged(graph, subject) | {"graph_threshold": threshold}
        values |= self._seen_as_graph(graph, subject, rng.child("graph"), bool(values["learnt"]))
        grouped = Groups(threshold=self.threshold, resolution=self.resolution, runs=self.runs).of(
            circuit, graph.weights, subject.stream
        )
        values["unit_group"] = np.concatenate(
            [grouped.get(layer, torch.full((units,), -1)) for layer, units in circuit.layers.items()]
        )
        groups = np.arange(values["unit_group"].max() + 1)
        for name, layer in circuit.tables.items():
            vectors = graph.weights[name].double().T.cpu().numpy()
            own = vectors * (groups[:, None] == np.resize(grouped[layer], vectors.shape[1]))[:, None]
            values |= {"vector": own, "vector_dimensions": [measures.participation_ratio(each) for each in own]}
            coords |= {"group": groups, "token": np.arange(len(vectors)), "entry": np.arange(own.shape[2])}
        rounds = gains.of(subject.history)
        values["swaps_gained"] = float(rounds[:, -1].sum())
        return records.dataset(values, judged_by(_loss(subject)), coords).merge(gains.written(rounds))

    def _graph(self, subject: Subject) -> tuple[float, Graph]:
        """Return the subject as connections between units that lie somewhere, and the threshold that they are above."""
        if self.most_loss is None:
            return self.threshold, _graph_at(self.threshold, subject)
        most = self.most_loss * self._performance(subject, subject.model(), "test")[0]
        for threshold in (*(self.threshold / 2 ** (step / 2) for step in range(STEPS)), 0.0):
            graph = _graph_at(threshold, subject)
            if self._alone(graph, subject)[0] <= most:
                break
        return threshold, graph

    def _alone(self, graph: Graph, subject: Subject) -> tuple[float, float]:
        """Return loss and accuracy of the graph alone on test stimuli."""
        model = subject.model()
        model.load_state_dict(model.state_dict() | graph.pruned())
        return self._performance(subject, model, "test")

    def _wiring(self, graph: Graph, rng: Stream) -> dict[str, Any]:
        """Return what there is of connections and units, what they cost, and into what they fall apart."""
        sites, position = np.array(graph.sites), graph.position.numpy()
        whole, active = graph.strengths().numpy(), graph.active().numpy()
        projections, weights = graph.space.circuit.projections, graph.weights
        places = {layer: own.clone() for layer, own in graph.places.items()}  # a round of swaps changes them
        modules = measures.louvain(undirected := measures.symmetrised(whole), rng, self.resolution, self.runs)
        parts = measures.components(whole)
        reached = np.isfinite(measures.path_lengths(whole))
        inputs, outputs = reached[sites == INPUT].sum(axis=0), reached[:, sites == OUTPUT].sum(axis=1)
        driven = reached[np.isin(sites, [INPUT, *graph.space.circuit.tables.values()])].any(axis=0)
        lowered = float(graph.space.cost(weights, places, self.swap.reduce))
        return {
            "sparsity": 1 - len(graph.weight) / sum(weights[each.name].numel() for each in projections),
            "active_units": np.count_nonzero(active),
            "narrowest": min((np.count_nonzero(active[sites == site]) for site in graph.hidden), default=0),
            "wiring_length": float(graph.space.cost(weights, graph.places)),
            "saving": self.swap.improve(graph.space, weights, places) / lowered if lowered else 0.0,
            "components": np.count_nonzero(np.bincount(parts) > 1),
            "output_components": len(np.unique(parts[(sites == OUTPUT) & whole.any(0)])),
            "connected_outputs": np.count_nonzero(whole[:, sites == OUTPUT].sum(axis=0)),
            "inputs_reaching": inputs,
            "outputs_reached": outputs,
            "shared_units": np.count_nonzero(np.isin(sites, graph.hidden) & driven & (outputs > 1)),
            "modularity": measures.modularity(undirected, modules, self.resolution) if whole.any() else np.nan,
            "module": np.where(whole.any(0) | whole.any(1), modules, np.nan),
            "periphery": measures.periphery(position[sites == INPUT], whole[sites == INPUT]),
            "negative_share": [_negative_share(weights[each.name], graph.cut) for each in projections],
            "position": position,
            "weight": graph.weight,
            "connection_length": graph.length,
        }

    def _carried(self, graph: Graph, carrying: Carrying, rng: Stream) -> dict[str, Any]:
        """Return what units tell of the quantities that the task goes through."""
        sites, active = np.array(graph.sites), graph.active().numpy()
        correlation = np.full((len(graph.sites), carrying.quantities.shape[1]), np.nan)
        for layer, found in carrying.correlations().items():
            correlation[sites == layer] = found.numpy()
        used = {layer: torch.from_numpy(active[sites == layer]) for layer in carrying.layers.values()}
        return {
            "quantity_correlation": correlation,
            "best_correlation": np.nan_to_num(np.abs(correlation[active])).max(axis=0, initial=0.0),
            "decoded": carrying.decoded(used, rng),
            "used_units": [int(used[layer].count_nonzero()) for layer in carrying.layers.values()],
        }

    def _judged(self, graph: Graph, subject: Subject) -> dict[str, Any]:
        """Return how well the subject answers, and how well its graph alone does."""
        model = subject.model()
        train_loss, _ = self._performance(subject, model, "train")
        test_loss, accuracy = self._performance(subject, model, "test")
        graph_loss, graph_accuracy = self._alone(graph, subject)
        found = {"train_loss": train_loss, "test_loss": test_loss, "graph_test_loss": graph_loss}
        if subject.environment.classes:
            found |= {"test_accuracy": accuracy, "graph_test_accuracy": graph_accuracy}
        return found | {"learnt": int(not accuracy < self.least_accuracy)}

    def _seen_as_graph(self, graph: Graph, subject: Subject, rng: Stream, learnt: bool) -> dict[str, Any]:
        """Return `graph_module` and the variables of `OF_GRAPHS`, of subjects that have learnt and nervous systems.

        A density chooses among all weights: above the threshold there may be fewer.
        """
        beside = self.graph.measure_beside()
        modules = np.full(len(graph.sites), np.nan)
        if not learnt:
            return dict.fromkeys(MEASURED, np.nan) | beside | {"graph_module": modules}
        seen = np.isin(graph.sites, self._layers(graph.space))
        strengths = (graph if self.graph.density is None else _graph_at(0.0, subject)).strengths().numpy()
        found, modules[seen] = self.graph.measure(strengths[seen][:, seen], rng)
        return found | beside | {"graph_module": modules}

    def _layers(self, space: Space) -> list[str]:
        """Return the layers between whose units connections are seen as a graph."""
        return list(space.circuit.layers) if self.graph.connections == "all" else _recurrent(space)

    def _performance(self, subject: Subject, model: nn.Module, part: Literal["train", "test"]) -> tuple[float, float]:
        """Return mean loss and accuracy on a set of stimuli."""
        environment = subject.environment
        stimuli = environment.train if part == "train" else environment.test
        targets = stimuli.targets if part == "test" else subject.learnt_targets()
        valued = targets.is_floating_point()
        criterion = Criterion(_loss(subject))
        loss, right = 0.0, 0
        with torch.no_grad():
            for numbers in torch.split(torch.arange(len(stimuli), device=environment.device), self.batch):
                answers, wanted = model(subject.present(stimuli.images[numbers])), targets[numbers]
                loss += float(criterion.exam(answers, wanted)) * len(numbers)
                right += sum(int(count) for count in criterion.right(answers, wanted))
        return loss / len(stimuli), float("nan") if valued else right / len(stimuli)


def _graph_at(threshold: float, subject: Subject) -> Graph:
    """Return the subject with no connections but those above a share of its largest weight."""
    model = subject.model()
    weights = {name: tensor.detach() for name, tensor in model.named_parameters()}
    assert isinstance(subject.anatomy, Embedded)  # `Space.of` refuses all others
    places = places_of(dict(model.named_buffers()))
    return Graph.of(subject.anatomy.embedding, Space.of(subject.anatomy, model), weights, places, threshold)


def _carrying(subject: Subject, circuit: Circuit, stimuli: int | None = None) -> Carrying:
    """Return what its units do while the first test stimuli (all, if left out) are shown, beside their quantities."""
    test = subject.environment.test
    along = {name: values[:stimuli] for name, values in test.quantities.items()}
    return Carrying.of(subject.model(), subject.sites(), circuit, subject.present(test.images[:stimuli]), along)


def _recurrent(space: Space) -> list[str]:
    """Return the layers that are connected to themselves."""
    return [each.target for each in space.circuit.projections if each.target == each.source]


def _negative_share(weight: torch.Tensor, cut: float) -> float:
    """Return the share of negative weights among those above `cut` in size; not-a-number where there are none."""
    kept = weight[weight.abs() > cut]
    return float((kept < 0).double().mean())  # of nothing: not-a-number


def _loss(subject: Subject) -> Loss:
    """Return how answers were judged while it was reared; of a newborn, as they usually would be."""
    if subject.rearing:
        return subject.rearing.loss
    return "cross_entropy" if subject.environment.classes else "mean_square"

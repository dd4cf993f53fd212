"""What a record of `WiringCost` holds."""

from collections.abc import Mapping

import attrs

from artneuro.connectomes.as_graph import OUTPUTS as OF_GRAPHS
from artneuro.labels import Label
from artneuro.rearing import gains
from artneuro.rearing.criterion import Loss

LOSS = "cross-entropy"

OUTPUTS: Mapping[str, Label] = {
    "train_loss": Label(f"{LOSS} of the adult on training stimuli, without penalties", "nat"),
    "test_loss": Label(f"{LOSS} of the adult on test stimuli, without penalties", "nat"),
    "test_accuracy": Label("accuracy on test stimuli; left out where targets are values"),
    "learnt": Label("1 where the accuracy on test stimuli is at least the one declared, and where there is none"),
    "graph_test_loss": Label(f"{LOSS} on test stimuli of the graph: with no connections but those", "nat"),
    "graph_test_accuracy": Label("accuracy on test stimuli of the graph; left out where targets are values"),
    "graph_threshold": Label("share of the largest absolute weight, up to which there is no connection"),
    "sparsity": Label("share of the weights that are no connection"),
    "active_units": Label("hidden units with connections in and out"),
    "wiring_length": Label("wiring cost: sum of absolute weights times lengths, of all weights"),
    "saving": Label("share of the cost that swaps lower which one more round of them would save"),
    **gains.LABELS,
    "swaps_gained": Label("by how much all rounds of swaps together have lowered the cost that they lower"),
    "components": Label("parts of two units or more without a connection between them"),
    "output_components": Label("parts among which the outputs are divided"),
    "connected_outputs": Label("outputs to which a connection leads"),
    "modularity": Label("modularity of the best division found, by absolute weights without direction"),
    "module": Label(
        "module of the unit, numbered by falling size; not-a-number where it has no connection", "1", ("unit",)
    ),
    "inputs_reaching": Label("inputs from which a path leads to the unit; 1 for an input itself", "1", ("unit",)),
    "outputs_reached": Label("outputs to which a path leads from the unit; 1 for an output itself", "1", ("unit",)),
    "shared_units": Label(
        "hidden units that inputs, or learnt vectors of tokens, reach, and from which paths lead to two outputs or more"
    ),
    "quantity_correlation": Label(
        "Pearson's r of the unit's activity and the quantity, over test stimuli, at the last of its positions "
        "and the token of the largest |r|; not-a-number where the unit is no site's or never varies",
        "1",
        ("unit", "quantity"),
    ),
    "best_correlation": Label(
        "largest absolute r of the quantity with a unit that has connections in and out; 0 where none varies",
        "1",
        ("quantity",),
    ),
    "decoded": Label(
        "R^2 of a linear decoder of the quantity from the units with connections in and out that the site shows, "
        "cross-validated over test stimuli; 0 where there are none",
        "1",
        ("circuit_site", "quantity"),
    ),
    "used_units": Label("units with connections in and out that the site shows", "1", ("circuit_site",)),
    "unit_group": Label(
        "group of the hidden unit: module of the graph without inputs and outputs, by the threshold declared; -1 "
        "for none",
        "1",
        ("unit",),
    ),
    "vector": Label("the token's learnt vector; 0 in entries outside the group", "1", ("group", "token", "entry")),
    "vector_dimensions": Label(
        "participation ratio of the tokens' vectors within the group: 1 for a line, 2 for a circle", "1", ("group",)
    ),
    "narrowest": Label("units with connections in and out in the hidden layer that has fewest"),
    "periphery": Label(
        "connections of an input in the half that is farther from the middle of the inputs, over those of one in "
        "the nearer half; not-a-number where these have none"
    ),
    "negative_share": Label(
        "share of the projection's connections that have a negative weight; not-a-number where it has none",
        "1",
        ("projection",),
    ),
    **OF_GRAPHS,
    "graph_module": Label(
        "module of the unit in the graph that is measured without weights, in the division of which the "
        "binary modularity is; not-a-number where it has no connection there",
        "1",
        ("unit",),
    ),
    "position": Label("where the unit lies", "1", ("unit", "axis")),
    "weight": Label("weight of the connection", "1", ("connection",)),
    "connection_length": Label("length of the connection", "1", ("connection",)),
}
"""Every variable, with meaning, unit and dims."""


def judged_by(loss: Loss) -> dict[str, Label]:
    """Return what is recorded of a subject whose answers are judged by such a loss, in its unit.

    Examples
    --------
    >>> judged_by("mean_square")["test_loss"].units, judged_by("cross_entropy")["test_loss"].units
    ('1', 'nat')
    """
    if loss == "cross_entropy":
        return dict(OUTPUTS)
    judged = loss.replace("_", " ")
    return {
        name: attrs.evolve(label, long_name=label.long_name.replace(LOSS, judged), units="1")
        if name.endswith("_loss")
        else label
        for name, label in OUTPUTS.items()
    }

"""The vocabulary of labelled data: every dim, coordinate and their units, and the check that a record keeps to it."""

from collections.abc import Mapping

import attrs
import xarray as xr

from artneuro.errors import RecordError


@attrs.frozen
class Label:
    """What a variable means.

    Parameters
    ----------
    long_name : str
        Its meaning in words.
    units : str
        CF unit; "1" for ratios, counts and names.
    dims : tuple of str
        Its dims, in order; for a dim or coordinate, the dim it lies along.
    """

    long_name: str
    units: str = "1"
    dims: tuple[str, ...] = ()


DIMS: Mapping[str, Label] = {
    "subject": Label("identity of the subject"),
    "epoch": Label("age in epochs of rearing", "epoch"),
    "step": Label("age in updates of the weights", "update"),
    "event": Label("event that befell one unit, such as being born anew"),
    "swap_round": Label("round in which units changed places, numbered from the first"),
    "site": Label("site: a named module output, after its nonlinearity"),
    "unit": Label("unit: a neuron or a feature map, numbered within its site"),
    "layer": Label("layer: a torch module with weights of its own"),
    "stimulus": Label("position of the stimulus in its set"),
    "class": Label("class of the stimulus"),
    "fraction": Label("fraction of the site's units (or connections) lesioned"),
    "scale": Label("noise scale, in standard deviations of each unit's activity"),
    "repeat": Label("repeat of what is random within one subject"),
    "order": Label("order in which units are lesioned"),
    "clamp": Label("what a lesioned unit is clamped to"),
    "deficit": Label("deficit: what a subject is deprived of"),
    "removal": Label("age at which a deficit from birth is removed", "epoch"),
    "onset": Label("age at which a deficit of fixed duration begins", "epoch"),
    "held_fraction": Label("fraction of the site's units lesioned for good, while the subject recovers"),
    "test_turnover": Label("whether units were turned over before the test: as reared, or with new units"),
    "connection": Label("connection between two units; those whose weight is 0 are left out"),
    "projection": Label("weights by which one layer of units drives another, by the name of the parameter"),
    "connectome": Label("nervous system that stands beside the subjects"),
    "axis": Label("axis of a space: x, y or z, or a number from 0 where it has no name"),
    "degree": Label("number of connections that units of a rich club exceed", "1"),
    "quantity": Label("quantity that a task goes through from stimulus to target, such as the sign of a permutation"),
    "trial": Label("trial of a search: subjects reared with one choice of the values searched"),
    "recovery": Label("epochs of recovery rearing after the lesion", "epoch"),
    "predictor": Label("predictor: a description of stimuli that may explain activity"),
    "cluster": Label("cluster of units with like profiles"),
    "circuit_site": Label("site that shows the units of a layer of the circuit"),
    "group": Label("group of units that are wired to each other, numbered by falling size"),
    "token": Label("token: one of the names that a stimulus is made of, numbered"),
    "entry": Label("entry of a token's learnt vector"),
    "rank": Label("place in an order, from 0"),
    "other": Label("identity of another subject, with which the subject is compared"),
    "other_site": Label("site of the other subject"),
    "other_stimulus": Label("the other stimulus of the pair, by its position in its set"),
    "reference": Label("reference: a brain, people, or a predictor, with which sites are compared"),
    "given": Label("reference that is held constant"),
    "compared": Label("sites of the subject, and then references, side by side"),
    "neuron": Label("neuron, or voxel, of a brain"),
    "picture": Label("picture that drives a unit: found by ascent, or a stimulus"),
    "iteration": Label("steps of an ascent done"),
    "channel": Label("channel of an image"),
    "y": Label("row of an image, from above", "pixel"),
    "x": Label("column of an image, from the left", "pixel"),
    "rdm": Label("number of the matrix of dissimilarities in a set of them"),
}
"""Dims of every record; a dim that has a coordinate variable is labelled by this entry."""

FLAGS = "ancillary_variables"
"""Attribute of a variable that names the variable which is 1 where it must not be relied on, as CF conventions do."""

OWN = frozenset(
    {
        "unit",
        "class",
        "layer",
        "epoch",
        "event",
        "swap_round",
        "degree",
        "connection",
        "projection",
        "group",
        "circuit_site",
    }
)
"""Dims along which subjects of one record may differ: they tell what a subject has, not what it was asked."""

COORDS: Mapping[str, Label] = {
    "arm": Label("arm of the design", dims=("subject",)),
    "seed": Label("root seed of the subject; subjects of one seed are twins", dims=("subject",)),
    "diverged": Label("epoch at which the loss became non-finite; -1 where it did not", "epoch", ("subject",)),
    "run": Label("run that the subject comes from, where runs are compared", dims=("subject",)),
    "arm_in_run": Label("arm of the design of its run, where runs are compared", dims=("subject",)),
    "site_module": Label("torch module whose output is the site's activity: where lesions act", dims=("site",)),
    "unit_site": Label("site of the unit", dims=("unit",)),
    "unit_index": Label("number of the unit within its site", dims=("unit",)),
    "connection_source": Label("unit that the connection comes from: position along `unit`", dims=("connection",)),
    "connection_target": Label("unit that the connection goes to: position along `unit`", dims=("connection",)),
    "event_site": Label("site of the unit that the event befell", dims=("event",)),
    "event_unit": Label("number of that unit within its site", dims=("event",)),
    "unit_channel": Label(
        "channel (feature map) that the unit belongs to; its own number for a neuron", dims=("unit",)
    ),
    "unit_y": Label(
        "row of the unit in its feature map; -1 where it has no place or stands for the map", dims=("unit",)
    ),
    "unit_x": Label("column of the unit in its feature map; -1 likewise", dims=("unit",)),
    "target": Label("class of the stimulus", dims=("stimulus",)),
    "stimulus_name": Label("name of the stimulus, by which it is known again elsewhere", dims=("stimulus",)),
    "category": Label("kind of thing that the stimulus shows", dims=("stimulus",)),
    "texture": Label("kind of thing that the texture of the stimulus is taken from", dims=("stimulus",)),
}
"""Coordinates beside the dims' own."""


def check_schema(data: xr.Dataset) -> None:
    """Check that every dim is in the vocabulary, and every variable has `long_name` and `units`.

    Raises
    ------
    RecordError
        Naming every dim and variable that breaks the schema.
    """
    faults = [f"dim {dim!r} is not in the vocabulary (labels.DIMS)" for dim in data.dims if dim not in DIMS]
    for name, variable in data.variables.items():
        missing = [key for key in ("long_name", "units") if key not in variable.attrs]
        if missing:
            faults.append(f"variable {name!r} lacks {' and '.join(missing)}")
        if variable.dtype == object:
            faults.append(f"variable {name!r} holds Python objects, which netCDF cannot")
    if faults:
        raise RecordError("the dataset breaks the schema: " + "; ".join(faults))

import numpy as np
import pytest

from artneuro import records
from artneuro.labels import Label
from artneuro.seeds import Stream

COUNT, UNITS = 6, 5


@pytest.fixture
def recording():
    """A recording with every kind of coordinate, negative activity, a missing value and a unit of its own."""
    values = Stream(3).child("bridges").numpy().standard_normal((COUNT, UNITS)).astype(np.float32)
    values[1, 2] = np.nan
    coords = {
        "stimulus": [4, 9, 2, 7, 1, 30],
        "target": [0, 0, 1, 1, 2, 2],
        "unit_site": ["conv1", "conv1", "hidden1", "hidden1", "hidden1"],
        "unit_index": [0, 1, 0, 1, 2],
    }
    label = Label("membrane potential", "mV", ("stimulus", "unit"))
    data = records.dataset({"activity": values}, {"activity": label}, coords, title="Recording")
    temperature = ("stimulus", np.linspace(20, 30, COUNT), {"long_name": "temperature", "units": "degC"})
    data = data.assign_coords(temperature=temperature, subject=((), "clean-3", {"long_name": "who", "units": "1"}))
    return records.with_provenance(data, subject="clean-3", weights={"clean-3": "f00d"})

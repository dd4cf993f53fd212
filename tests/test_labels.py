import numpy as np
import pytest
import xarray as xr

from artneuro.errors import RecordError
from artneuro.labels import COORDS, DIMS, check_schema


def test_every_label_has_words_and_units():
    assert all(label.long_name and label.units for label in (*DIMS.values(), *COORDS.values()))
    assert all(dim in DIMS for label in COORDS.values() for dim in label.dims)


def test_schema_names_everything_that_is_wrong():
    bad = xr.Dataset(
        {"accuracy": (("subjects",), np.zeros(2)), "who": (("unit",), np.array([None, "a"], dtype=object))}
    )
    with pytest.raises(RecordError) as raised:
        check_schema(bad)
    text = str(raised.value)
    assert "dim 'subjects'" in text
    assert "'accuracy' lacks long_name and units" in text
    assert "'who' holds Python objects" in text

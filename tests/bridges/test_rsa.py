"""The bridge to rsatoolbox: its own computations on what crosses it, and the way back."""

import numpy as np
import pytest
import torch
import xarray as xr

from artneuro.bridges import from_rsatoolbox, rdms_from_rsatoolbox, rdms_to_rsatoolbox, to_rsatoolbox
from artneuro.errors import RecordError
from artneuro.measures import rdm, square_rdm
from artneuro.seeds import Stream

rsatoolbox = pytest.importorskip("rsatoolbox", reason="the extra `rsatoolbox` is not installed")


@pytest.fixture
def rdms(recording):
    """Dissimilarities of two subjects at three sites, with a coordinate of subjects."""
    values = Stream(4).numpy().standard_normal((6, 6, 3))
    square = square_rdm(torch.stack([rdm(torch.from_numpy(each), "euclidean") for each in values])).numpy()
    label = {"long_name": "distance", "units": "mV", "metric": "euclidean"}
    names = {"long_name": "x", "units": "1"}
    return xr.Dataset(
        {"distance": (("subject", "site", "stimulus", "other_stimulus"), square.reshape(2, 3, 6, 6), label)},
        {
            "subject": ("subject", ["a-0", "a-1"], names),
            "arm": ("subject", ["a", "a"], names),
            "site": ("site", ["s1", "s2", "s3"], names),
            "stimulus": recording.stimulus,
            "other_stimulus": ("other_stimulus", recording.stimulus.values, names),
            "target": recording.target,
        },
        {"title": "two subjects"},
    )


def test_a_recording_goes_and_comes_back(recording, tmp_path):
    there = to_rsatoolbox(recording)
    xr.testing.assert_identical(from_rsatoolbox(there), recording)
    there.save(str(tmp_path / "it.h5"), file_type="hdf5")
    xr.testing.assert_identical(from_rsatoolbox(rsatoolbox.data.load_dataset(str(tmp_path / "it.h5"))), recording)


def test_descriptors_choose_what_coordinates_say(recording):
    there = to_rsatoolbox(recording)
    hidden = from_rsatoolbox(there.subset_channel("unit_site", "hidden1").subset_obs("target", 1))
    expected = recording.isel(stimulus=recording.target.values == 1, unit=recording.unit_site.values == "hidden1")
    xr.testing.assert_identical(hidden, expected)


def test_its_dissimilarities_are_ours(recording):
    whole = recording.isel(stimulus=[0, 2, 3, 4, 5])
    found = rdms_from_rsatoolbox(rsatoolbox.rdm.calc_rdm(to_rsatoolbox(whole), method="euclidean"))
    ours = square_rdm(rdm(whole.activity.values, "sqeuclidean")).numpy()
    assert found.dissimilarity.dims == ("rdm", "stimulus", "other_stimulus")
    # our activity is float32, and its sums there are too
    np.testing.assert_allclose(found.dissimilarity.values[0], ours, rtol=1e-5)
    np.testing.assert_array_equal(found.stimulus, whole.stimulus)
    np.testing.assert_array_equal(found.target, whole.target)
    assert found.dissimilarity.attrs == {"long_name": "dissimilarity (squared euclidean)", "units": "1"}
    assert found.target.attrs == recording.target.attrs
    assert "artneuro" not in found.coords


def test_rdms_go_and_come_back(rdms):
    there = rdms_to_rsatoolbox(rdms, "distance")
    assert (there.n_rdm, there.n_cond, there.dissimilarity_measure) == (6, 6, "euclidean")
    xr.testing.assert_identical(rdms_from_rsatoolbox(there), rdms)
    one = rdms.isel(subject=1, site=0)
    xr.testing.assert_identical(rdms_from_rsatoolbox(rdms_to_rsatoolbox(one, "distance")), one)


def test_some_of_the_rdms_keep_their_labels(rdms):
    there = rdms_to_rsatoolbox(rdms, "distance")
    second = rdms_from_rsatoolbox(there.subset("site", "s2"))
    xr.testing.assert_identical(second, rdms.isel(site=[1]))
    odd = rdms_from_rsatoolbox(there[np.array([0, 5])])  # no longer all subjects at some sites
    assert odd.distance.dims == ("rdm", "stimulus", "other_stimulus")
    assert odd.site.values.tolist() == ["s1", "s3"]
    assert odd.subject.values.tolist() == ["a-0", "a-1"]
    np.testing.assert_array_equal(odd.distance.values[1], rdms.distance.values[1, 2])


def test_names_of_stimuli_become_numbers_that_repeats_share():
    values = Stream(5).numpy().standard_normal((8, 3))
    data = rsatoolbox.data.Dataset(
        values,
        descriptors={"session": 3},
        obs_descriptors={"conds": list("cabdcabd"), "run": ["1"] * 4 + ["2"] * 4},
        channel_descriptors={"voxel": [7, 8, 9]},
    )
    found = from_rsatoolbox(data)
    assert found.stimulus.values.tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    assert found.stimulus_name.values.tolist() == list("cabdcabd")
    assert found.attrs == {"session": 3}
    theirs = rsatoolbox.rdm.calc_rdm(data, method="crossnobis", descriptor="conds", cv_descriptor="run")
    ours = rdm(found.activity.values, "crossnobis", stimuli=found.stimulus.values, folds=found.run.values.astype(int))
    order = [theirs.pattern_descriptors["conds"].index(name) for name in "cabd"]
    matrix = theirs.get_matrices()[0][np.ix_(order, order)]
    np.testing.assert_allclose(square_rdm(ours).numpy(), matrix, atol=1e-12)  # float64 sums in another order


def test_what_cannot_cross_is_refused(recording, rdms):
    with pytest.raises(RecordError, match="came subject, stimulus, unit. Choose one"):
        to_rsatoolbox(recording.drop_vars("subject").expand_dims("subject"))
    with pytest.raises(RecordError, match="required a variable 'rates'; came activity"):
        to_rsatoolbox(recording, "rates")
    with pytest.raises(RecordError, match="stimulus and other_stimulus; came the dims stimulus, unit"):
        rdms_to_rsatoolbox(recording, "activity")
    lopsided = rdms.copy(deep=True)
    lopsided.distance[0, 0, 0, 1] += 1
    own = rdms.copy(deep=True)
    own.distance[1, 2, 4, 4] = 1
    for wrong in (lopsided, own, rdms.isel(other_stimulus=[1, 0, 2, 3, 4, 5]), rdms.isel(stimulus=[0, 1])):
        with pytest.raises(RecordError, match="the same stimuli on both sides"):
            rdms_to_rsatoolbox(wrong, "distance")
    several = rsatoolbox.data.Dataset(np.eye(4), obs_descriptors={"places": [[0, 1]] * 4})
    with pytest.raises(RecordError, match="places: required a number or a name for each place"):
        from_rsatoolbox(several)
    clash = rsatoolbox.data.Dataset(np.eye(4), obs_descriptors={"unit": [0, 1, 2, 3]})
    with pytest.raises(RecordError, match="unit: a coordinate along stimulus cannot be called that"):
        from_rsatoolbox(clash)

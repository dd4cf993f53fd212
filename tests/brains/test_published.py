"""The known sets: read from small files of their layout, and, where the data root has them, the facts known of them."""

import gzip
import zipfile
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from scipy.stats import spearmanr

import artneuro as an
from artneuro.brains import brain
from artneuro.brains.human_16class import TRIALS
from artneuro.errors import DataError

FOLDERS = {
    "kriegeskorte92": "kriegeskorte92",
    "macaque_v4_cowley": "macaque_V4_cowley",
    "cifar10h": "cifar10h",
    "human_16class": "human_16class",
}


@pytest.fixture
def data(brain_root, request):
    """Give the data root, where it has the folder that a test names."""
    return brain_root(request.param)


def square(seed, *shape):
    values = np.random.default_rng(seed).random((*shape, 4, 4)).astype(np.float32)
    return (values + values.swapaxes(-1, -2)) * (1 - np.eye(4, dtype=np.float32))


@pytest.fixture
def small(tmp_path):
    """Make a data root with small files in the layout of the published ones."""
    for folder in FOLDERS.values():
        (tmp_path / folder).mkdir()
    pixels = np.arange(4 * 6 * 6 * 3, dtype=np.uint8).reshape(4, 6, 6, 3)
    np.savez(
        tmp_path / "kriegeskorte92" / "rsa92.npz",
        images=pixels,
        category=["face", "face", "hand", "hand"],
        humanIT_rdm_subj_session=square(0, 2, 2),
        humanIT_names=[["hIT | AA | Session: 1", "hIT | AA | Session: 2"], ["hIT | BB | 1", "hIT | BB | 2"]],
        monkeyIT_674neurons_rdmvec=np.arange(6, dtype=np.float32),
        behaviour_rdm_subjects=square(1, 3),
        V1model_rdm=square(2),
        HMAX_rdm=square(3),
        model_animacy=square(4),
    )
    v4 = tmp_path / "macaque_V4_cowley"
    raw = np.arange(2 * 4 * 3, dtype=np.float32).reshape(2, 4, 3)
    raw[:, 1, 2] = np.nan
    for session in ("190923", "210325"):
        np.save(v4 / f"responses_avg_{session}.npy", np.nanmean(raw, axis=2))
        with zipfile.ZipFile(v4 / f"images_{session}.zip", "w") as archive:
            for number in (2, 1, 3, 4):
                stream = BytesIO()
                Image.fromarray(np.full((8, 8, 3), 60 * number, np.uint8)).save(stream, "png")
                archive.writestr(f"folder/image000{number}.png", stream.getvalue())
    np.save(v4 / "responses_raw_210325.npy", raw)
    np.save(tmp_path / "cifar10h" / "cifar10h-counts.npy", np.arange(40, dtype=np.uint8).reshape(4, 10))
    people = tmp_path / "human_16class"
    names = ["cat/cat1-dog2.png", "cat/cat2-cat1.png", "dog/dog1-cat3.png", "car/car1-oven2.png"]
    (people / "cue_conflict_names.txt").write_text("\n".join(names) + "\n")
    sheet = np.repeat(np.repeat(np.arange(4).reshape(2, 2) * 50, 64, 0), 64, 1).astype(np.uint8)
    Image.fromarray(np.stack([sheet] * 3, axis=2)).save(people / "cue_conflict_64px_1280.webp", lossless=True)
    outlines = [f"{kind}/{kind}1.png" for kind in ("oven", "bear", "boat", "bird")]
    np.savez(people / "edges_64px.npz", images=np.zeros((4, 64, 64), np.uint8), names=outlines)
    header = "subj,trial,rt,object_response,category,condition,imagename,dataset\n"
    said = [("subject-02", "cat", "cat1-dog2"), ("subject-01", "dog", "cat1-dog2"), ("subject-01", "na", "dog1-cat3")]
    trials = [f"{who},1,0.5,{word},cat,0,0001_s_{image}.png,cue-conflict\n" for who, word, image in said]
    trials.append("subject-01,1,0.5,boat,oven,0,0001_edg_s01_0_oven_00_oven1.png,edge\n")
    with gzip.open(people / TRIALS, "wt") as stream:
        stream.write(header + "".join(trials))
    return tmp_path


def test_it_and_judgements(small):
    human = brain("kriegeskorte92", small)
    assert human.record.subject.values.tolist() == ["AA", "BB"]
    sessions = square(0, 2, 2).astype(float)
    np.testing.assert_allclose(human.record.dissimilarity, sessions.mean(axis=1), rtol=1e-12)
    assert human.images.shape == (4, 3, 6, 6)
    assert human.record.category.values.tolist() == ["face", "face", "hand", "hand"]
    monkey = brain("kriegeskorte92", small, of="monkey_it")
    assert monkey.rdms().tolist() == [[0, 1, 2, 3, 4, 5]]
    assert monkey.names() == human.names()
    assert [len(brain("kriegeskorte92", small, of=of).rdms()) for of in ("judgements", "v1_model", "animacy")] == [
        3,
        1,
        1,
    ]


def test_neurons_of_v4(small):
    found = brain("macaque_v4_cowley", small)
    assert found.record.trial_activity.dims == ("repeat", "stimulus", "unit")
    assert found.record.activity.values[1].tolist() == [3.5, 15.5]  # of two presentations
    assert np.isnan(found.record.trial_activity.values[2, 1]).all()
    assert found.names() == ["image0001", "image0002", "image0003", "image0004"]
    assert found.images[:, 0, 0, 0].tolist() == [60, 120, 180, 240]
    assert "trial_activity" not in brain("macaque_v4_cowley", small, session="190923").record


def test_people_who_judge_cifar10(small):
    found = brain("cifar10h", small)
    assert (found.images, found.shares) == (None, "cifar10")
    assert found.record.answers.sel({"class": "ship"}).values.tolist() == [8, 18, 28, 38]


def test_people_who_name_images(small):
    found = brain("human_16class", small)
    assert found.images[:, 0, 5, 5].tolist() == [0, 50, 100, 150]
    assert found.record.category.values.tolist() == ["cat", "cat", "dog", "car"]
    assert found.record.texture.values.tolist() == ["dog", "cat", "cat", "oven"]
    assert found.record.subject.values.tolist() == ["subject-01", "subject-02"]
    words = found.record["class"].values.tolist()
    assert found.record.answer.values.tolist() == [[words.index("dog"), -1, -1, -1], [words.index("cat"), -1, -1, -1]]
    edges = brain("human_16class", small, experiment="edge")
    assert edges.images.shape == (4, 1, 64, 64)
    assert edges.record.answer.values.tolist() == [[words.index("boat"), -1, -1, -1]]


@pytest.mark.parametrize(
    ("name", "file", "content", "reason"),
    [
        ("kriegeskorte92", "rsa92.npz", b"no", "not what data/README.md says"),
        ("kriegeskorte92", "rsa92.npz", {"images": np.zeros((4, 6, 6, 3), np.uint8)}, "there is no"),
        ("kriegeskorte92", "rsa92.npz", {"images": np.array([{}])}, "allow_pickle=False"),
        ("cifar10h", "cifar10h-counts.npy", b"no", "not what data/README.md says"),
        ("macaque_v4_cowley", "images_210325.zip", b"no", "not a zip file"),
        ("human_16class", TRIALS, b"no", "Not a gzipped file"),
        ("human_16class", "cue_conflict_64px_1280.webp", b"no", "cannot identify image"),
    ],
)
def test_another_file_is_refused_by_name(small, name, file, content, reason):
    path = small / FOLDERS[name] / file
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.savez(path, **content)
    with pytest.raises(DataError) as caught:
        brain(name, small)
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)


@pytest.mark.parametrize("name", FOLDERS)
def test_missing_files_are_answered_with_the_folder_and_what_to_do(name, tmp_path):
    with pytest.raises(DataError, match=r"did not find .*data/README\.md tells where") as caught:
        brain(name, tmp_path)
    assert str(tmp_path / FOLDERS[name]) in str(caught.value)


@pytest.mark.data
@pytest.mark.parametrize("data", ["kriegeskorte92"], indirect=True)
def test_it_of_people_and_monkeys_and_judgements_agree_as_is_known(data):
    human, monkey, said = (
        brain("kriegeskorte92", data, of=of).rdms().mean(dim=0) for of in ("human_it", "monkey_it", "judgements")
    )
    assert spearmanr(human, monkey).statistic == pytest.approx(0.439, abs=0.0005)  # the digits that are given
    assert spearmanr(said, human).statistic == pytest.approx(0.392, abs=0.0005)
    assert float(an.measures.compare_rdms(human, monkey)) == pytest.approx(
        spearmanr(human, monkey).statistic, abs=1e-12
    )


@pytest.mark.data
@pytest.mark.parametrize("data", ["macaque_v4_cowley"], indirect=True)
def test_neurons_of_v4_are_as_reliable_as_is_known(data):
    found = brain("macaque_v4_cowley", data)
    trials = found.record.trial_activity.values
    np.testing.assert_allclose(found.record.activity, np.nanmean(trials, axis=0), rtol=1e-6)
    odd, even = np.nanmean(trials[::2], axis=0), np.nanmean(trials[1::2], axis=0)
    halves = [np.corrcoef(one, other)[0, 1] for one, other in zip(odd.T, even.T, strict=True)]
    assert np.median(halves) == pytest.approx(0.63, abs=0.005)


@pytest.mark.data
@pytest.mark.parametrize("data", ["human_16class"], indirect=True)
def test_people_go_by_shape_as_is_known(data):
    record = brain("human_16class", data).record
    words = record["class"].values.tolist()
    shape, texture = (np.array([words.index(word) for word in record[name].values]) for name in ("category", "texture"))
    said, conflict = record.answer.values, shape != texture
    by_shape = int((said == shape)[:, conflict].sum())
    by_texture = int((said == texture)[:, conflict].sum())
    assert said.shape == (10, 1280)
    assert by_shape / (by_shape + by_texture) == pytest.approx(0.9587, abs=0.00005)


@pytest.mark.data
@pytest.mark.parametrize("data", ["cifar10h"], indirect=True)
def test_people_mostly_know_the_labels_of_cifar10(data):
    people = brain("cifar10h", data)
    cifar = an.environment("cifar10", data, train_size=1000)
    assert people.shown_to(cifar).index.tolist() == cifar.test.index.tolist()
    most = people.record.answers.values[cifar.test.index.numpy()].argmax(axis=1)
    assert (most == cifar.test.targets.numpy()).mean() == pytest.approx(0.9921, abs=0.00005)

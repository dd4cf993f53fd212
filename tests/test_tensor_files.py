import pytest
import safetensors.torch
import torch

from artneuro import tensor_files
from artneuro.errors import RecordError

TENSORS = {
    "weights": torch.arange(6.0).reshape(2, 3),
    "half": torch.ones(3, dtype=torch.bfloat16),
    "steps": torch.tensor(7),
    "none": torch.zeros(0, 4),
    "mask": torch.tensor([True, False]),
}


def test_tensors_and_facts_come_back_bit_for_bit(tmp_path):
    tensor_files.write(TENSORS, tmp_path / "a.safetensors", {"rows": [float("inf"), 0.1]})
    tensors, facts = tensor_files.read(tmp_path / "a.safetensors")
    assert facts == {"rows": [float("inf"), 0.1]}
    assert tensors.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert tensors[name].dtype == tensor.dtype
        assert torch.equal(tensors[name], tensor)


def test_the_same_contents_have_the_same_bytes(tmp_path):
    for name in "ab":
        tensor_files.write(TENSORS, tmp_path / name, {"b": 1, "a": 2})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_tensors_that_share_memory_are_written_each(tmp_path):
    whole = torch.arange(4.0)
    tensor_files.write({"first": whole[:2], "all": whole}, tmp_path / "a")
    assert torch.equal(tensor_files.read(tmp_path / "a")[0]["first"], torch.tensor([0.0, 1.0]))


def test_no_byte_changes_unnoticed(tmp_path):
    path = tmp_path / "a"
    tensor_files.write({"weights": torch.tensor([1.5, -2.0])}, path, {"lived": 3})
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        with pytest.raises(RecordError, match=str(path)):
            tensor_files.read(path)


@pytest.mark.parametrize("size", [0, 7, 40])
def test_a_file_that_was_cut_short_is_named(tmp_path, size):
    path = tmp_path / "a"
    tensor_files.write(TENSORS, path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(RecordError, match=rf"{path}: not a readable file of tensors"):
        tensor_files.read(path)


def test_a_full_disk_is_an_error_of_the_system_that_names_the_file(tmp_path, monkeypatch):
    def full(*_, **__):
        raise safetensors.SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(safetensors.torch, "save_file", full)
    with pytest.raises(OSError, match="No space left on device") as refused:
        tensor_files.write({"a": torch.zeros(2)}, tmp_path / "a.safetensors")
    assert (refused.value.errno, refused.value.filename) == (28, str(tmp_path / "a.safetensors"))
    assert not list(tmp_path.iterdir())


def test_a_file_of_another_program_is_refused(tmp_path):
    from safetensors.torch import save_file

    save_file({"weights": torch.zeros(2)}, tmp_path / "a")
    with pytest.raises(RecordError, match="not a readable file of tensors"):
        tensor_files.read(tmp_path / "a")


def test_what_was_read_no_longer_depends_on_the_file(tmp_path):
    """Nor on where in it a tensor lies: products of tensors that begin elsewhere may be rounded otherwise."""
    path = tmp_path / "a.safetensors"
    tensor_files.write({"bias": torch.ones(3), "weight": torch.arange(1000.0)}, path)
    found, _ = tensor_files.read(path)
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
    assert torch.equal(found["weight"], torch.arange(1000.0))
    assert {tensor.data_ptr() % 64 for tensor in found.values()} == {0}

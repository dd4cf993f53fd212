import numpy as np
import pytest

from artneuro.environment.promised import as_promised, files_of, npz
from artneuro.errors import DataError


def test_missing_files_are_named_with_where_they_were_looked_for(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "here.npz").touch()
    with pytest.raises(DataError, match=rf"worm: looked in {tmp_path}/set and did not find there\.npz\. data/README"):
        files_of("worm", tmp_path, "set", "here.npz", "there.npz")
    assert files_of("worm", tmp_path, "set", "here.npz") == [tmp_path / "set" / "here.npz"]


@pytest.mark.parametrize(("content", "words"), [(b"", "worm: .*it.npz: not what"), (None, "there is no 'weights")])
def test_a_file_that_is_something_else_is_refused_in_words(tmp_path, content, words):
    path = tmp_path / "it.npz"
    np.savez(path, other=np.zeros(2)) if content is None else path.write_bytes(content)
    with pytest.raises(DataError, match=words), as_promised("worm", path):
        npz(path, "weights")

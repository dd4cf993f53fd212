import time

from artneuro import endless


def test_a_file_that_is_read_for_longer_than_any_is_overdue_until_that_ends(tmp_path):
    """A second for each MiB, and a minute."""
    path = tmp_path / "a.nc"
    path.write_bytes(bytes(10 * 2**20))
    begun = time.monotonic()
    with endless.reading(path):
        assert endless.overdue(begun + 69.9) == ""
        ended = time.monotonic()
        with endless.reading(tmp_path / "none.nc"):
            assert endless.overdue(ended + 70.1).startswith(f"{path}: reading it does not come to an end")
        path.unlink()
        assert endless.overdue(ended + 60.1).startswith(f"{path}: reading it does not come to an end")
    assert endless.overdue(ended + 1e9) == ""

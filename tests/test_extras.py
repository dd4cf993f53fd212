import pytest

from artneuro.errors import RunError
from artneuro.extras import needed


def test_a_package_that_is_not_installed_is_named_with_the_remedy():
    said = r'this bridge needs pynwb \(No module named .*Install it: pip install "artneuro\[nwb\]"'
    with pytest.raises(RunError, match=said), needed("nwb", "this bridge", "pynwb"):
        import a_package_that_does_not_exist  # noqa: F401


def test_what_is_installed_is_imported_and_other_errors_pass():
    with needed("nwb", "this bridge", "json"):
        import json
    assert json.loads("1") == 1
    with pytest.raises(ZeroDivisionError), needed("nwb", "this bridge", "json"):
        json.loads(str(1 / 0))

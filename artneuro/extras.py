"""Extras: packages that only some uses need, and what is said where one is not installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from artneuro.errors import RunError


@contextmanager
def needed(extra: str, by: str, package: str) -> Iterator[None]:
    """Import a package of an extra within the block.

    Parameters
    ----------
    extra : str
        Name of the extra in pyproject.toml.
    by : str
        What needs it.
    package : str
        Its name, for people.

    Raises
    ------
    RunError
        Where it is not installed, with the remedy.

    Examples
    --------
    >>> try:
    ...     with needed("tune", "tuning", "Optuna"):
    ...         import a_package_that_does_not_exist
    ... except RunError as error:
    ...     print(error)
    tuning needs Optuna (No module named 'a_package_that_does_not_exist'). Install it: pip install "artneuro[tune]"
    """
    try:
        yield
    except ImportError as error:
        raise RunError(f'{by} needs {package} ({error}). Install it: pip install "artneuro[{extra}]"') from error

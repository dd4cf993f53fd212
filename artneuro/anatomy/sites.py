"""Sites: from the names that a user writes to the modules of a network."""

from collections.abc import Iterable, Mapping

from artneuro.errors import Problem, SpecificationError
from artneuro.registry import suggestion


def resolve_sites(sites: Mapping[str, str], requested: str | Iterable[str]) -> dict[str, str]:
    """Return the modules of the requested sites.

    Parameters
    ----------
    sites : mapping of str to str
        All sites of a network, as `Anatomy.sites` and `Subject.sites` give them.
    requested : str or iterable of str
        One name or several.

    Returns
    -------
    dict of str to str
        Name of the site -> name of the torch module, in the order asked for.

    Raises
    ------
    SpecificationError
        Naming every wrong name, the nearest valid one and all valid ones.

    Examples
    --------
    >>> resolve_sites({"hidden1": "relu1", "hidden2": "relu2"}, "hiden2")
    Traceback (most recent call last):
        ...
    artneuro.errors.SpecificationError: site: required a site of this anatomy; came 'hiden2'. Did you mean "hidden2"? \
Valid: hidden1, hidden2.
    """
    names = [requested] if isinstance(requested, str) else list(requested)
    found = [
        Problem("site", "a site of this anatomy", repr(name), suggestion(str(name), list(sites)))
        for name in names
        if name not in sites
    ]
    found += [
        Problem("site", "each site once", f"{name!r}, {names.count(name)} times")
        for name in names
        if names.count(name) > 1
    ]
    if not names:
        found = [Problem("site", "at least one site", "none", f"Valid: {', '.join(sites)}.")]
    if found:
        raise SpecificationError(dict.fromkeys(found))
    return {name: sites[name] for name in names}

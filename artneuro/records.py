"""Arrays -> labelled datasets -> netCDF and back; files appear whole or not at all."""

import ast
import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from artneuro import files, netcdf
from artneuro._version import __version__
from artneuro.endless import reading
from artneuro.errors import RecordError
from artneuro.labels import COORDS, DIMS, Label, check_schema

OVERHEAD = 1 << 20
"""Bytes that a netCDF file needs at most beside its values."""

SEAL = "content_sha256"
"""Attribute of a file, not of a dataset: by it `read` tells that a file was damaged."""


def dataset(
    values: Mapping[str, Any],
    labels: Mapping[str, Label],
    coords: Mapping[str, Any],
    title: str = "",
) -> xr.Dataset:
    """Label arrays.

    Parameters
    ----------
    values : mapping of name to array
        Arrays whose axes are the dims of their label, in order.
    labels : mapping of name to Label
        One for each value.
    coords : mapping of name to 1-D array
        Coordinates, named in `labels.DIMS` or `labels.COORDS`.

    Returns
    -------
    xarray.Dataset
        Keeps to the schema; `labels.check_schema` has passed.

    Examples
    --------
    >>> label = Label("accuracy", "1", ("fraction",))
    >>> record = dataset({"accuracy": [1.0, 0.5]}, {"accuracy": label}, {"fraction": [0.0, 1.0]})
    >>> record.accuracy.attrs["units"]
    '1'
    """
    along = {name: coordinate(name, values_along) for name, values_along in coords.items()}
    held = {name: (labels[name].dims, _plain_array(array), _attributes(labels[name])) for name, array in values.items()}
    # all at once: with each variable that is added alone, xarray aligns all that are there already
    data = xr.Dataset(coords=along, attrs={"title": title} if title else {}).assign(held)
    check_schema(data)
    return data


def coordinate(name: str, values: Any) -> tuple[tuple[str, ...], np.ndarray[Any, Any], dict[str, str]]:
    """Return the dims, values and attributes of a coordinate of the vocabulary, as xarray takes them.

    Examples
    --------
    >>> coordinate("seed", [0, 1])[0]
    ('subject',)
    """
    label = DIMS[name] if name in DIMS else COORDS[name]
    return (name,) if name in DIMS else label.dims, _plain_array(values), _attributes(label)


def _attributes(label: Label) -> dict[str, str]:
    return {"long_name": label.long_name, "units": label.units}


def _plain_array(values: Any) -> np.ndarray[Any, Any]:
    array = np.asarray(values)
    return array.astype(np.int8) if array.dtype == bool else array  # netCDF has no booleans


@cache
def environment_facts() -> dict[str, str]:
    """Return the versions that a number may depend on; the same on every run of one installation."""
    packages = ("torch", "numpy", "xarray", "scipy")
    return {"artneuro": __version__, "python": platform.python_version(), **{name: version(name) for name in packages}}


def with_provenance(data: xr.Dataset, **facts: Any) -> xr.Dataset:
    """Return the dataset with `facts` and the versions in its `provenance` attribute, as one JSON string.

    Nothing in it depends on when or how fast it was made, so an equal run gives equal bytes.
    """
    text = json.dumps({**facts, "versions": environment_facts()}, sort_keys=True)
    return data.assign_attrs(provenance=text, Conventions="CF-1.11")


def provenance(data: xr.Dataset) -> dict[str, Any]:
    """Return the provenance that a record carries.

    Raises
    ------
    RecordError
        Where it carries none.
    """
    if "provenance" not in data.attrs:
        raise RecordError(
            "the dataset carries no provenance: it was not written by artneuro, or its attributes were dropped"
        )
    facts: dict[str, Any] = json.loads(data.attrs["provenance"])
    return facts


def write(data: xr.Dataset, path: Path | str) -> None:
    """Write a record to netCDF, whole or not at all, compressed without loss, the same bytes for the same record.

    Raises
    ------
    OSError
        Where the disk is full, say; nothing has been written then.
    """
    check_schema(data)
    sealed = data.assign_attrs({SEAL: digest(data)})
    with files.whole(path) as beside:
        try:
            netcdf.write(sealed, beside)
            netcdf.seal(beside)
        except RuntimeError:  # netCDF's library says "HDF error", whatever it is; the system says what
            beside.write_bytes(bytes(data.nbytes + OVERHEAD))
            raise


def write_in_blocks(
    frame: xr.Dataset, labels: Mapping[str, Label], along: str, blocks: Iterable[Mapping[str, Any]], path: Path | str
) -> None:
    """Write a record that need not fit into memory, block after block, whole or not at all.

    Parameters
    ----------
    frame : Dataset
        Coordinates of every dim, and attributes, without the variables to come.
    labels : mapping of name to Label
        The variables, float32.
    along : str
        Dim that blocks follow one another along; the first of every variable that lies along it.
    blocks : iterable of mapping of name to array
        Values of all variables, which together fill the dim.
    path : path
        File to write. Values are compressed without loss.

    Raises
    ------
    RecordError
        Where the blocks do not fill the dim, or the record breaks the schema.
    """
    check_schema(frame)
    variables = {name: (label.dims, _attributes(label)) for name, label in labels.items()}
    with files.whole(path) as beside:
        netcdf.write(frame, beside)
        done = netcdf.append(frame, variables, along, blocks, beside)
        if done != frame.sizes[along]:
            came = f"{done} of {frame.sizes[along]} along {along!r}"
            raise RecordError(f"{path}: the blocks hold {came}; nothing is written")
        netcdf.seal(beside)


def read(path: Path | str, *, sealed: bool = False) -> xr.Dataset:
    """Read a record into memory and check it.

    Parameters
    ----------
    sealed : bool
        Whether it must end with the digest of its bytes, as `write` leaves it and no other program does.

    Raises
    ------
    RecordError
        Where the file is missing, truncated, not netCDF, breaks the schema, or holds other values than were written;
        the text names the file.
    """
    path = Path(path)
    if not path.is_file():
        raise RecordError(f"{path}: there is no such file")
    try:
        data = netcdf.read(path, sealed)
        seal = data.attrs.pop(SEAL, None)
        check_schema(data)
        if seal not in (None, digest(data)):
            raise RecordError(f"values or attributes were changed after they were written: see the attribute {SEAL!r}")
    except (*netcdf.UNREADABLE, RecordError) as error:
        raise RecordError(f"{path}: not a readable record ({error}); running its study again makes it anew") from error
    return data


def opened(path: Path | str) -> xr.Dataset:
    """Open a record without reading it: values come from the file when they are used. Close it with `close()`.

    Raises
    ------
    RecordError
        Where the file is missing, truncated, not netCDF or breaks the schema; the text names the file.
    """
    try:
        data = netcdf.opened(path)
        check_schema(data)
    except (*netcdf.UNREADABLE, RecordError) as error:
        raise RecordError(f"{path}: not a readable record ({error})") from error
    return data


def digest(data: xr.Dataset) -> str:
    """Return 64 hexadecimal digits that identify values and attributes; the same before and after the disk."""
    total = hashlib.sha256(repr(_bare(data.attrs)).encode())
    for name, variable in sorted(data.variables.items(), key=lambda item: str(item[0])):
        values = np.ascontiguousarray(variable.values)
        number = values.dtype.kind in "iufb"
        kind = values.dtype.newbyteorder("=").str if number else "text"
        total.update(repr((name, variable.dims, values.shape, kind, _bare(variable.attrs))).encode())
        total.update(values.tobytes() if number else json.dumps([str(value) for value in values.ravel()]).encode())
    return total.hexdigest()


def _bare(attributes: Mapping[Any, Any]) -> list[Any]:
    return sorted((str(name), np.asarray(value).ravel().tolist()) for name, value in attributes.items())


def arrays(path: Path | str) -> dict[str, np.ndarray[Any, Any]]:
    """Read the variables of any netCDF file, a record or not, as plain arrays by name.

    Raises
    ------
    RecordError
        Where the file is missing, truncated or not netCDF; the text names the file.
    """
    try:
        with reading(path), netcdf.opened(path) as opened:
            return {str(name): variable.values for name, variable in opened.load().variables.items()}
    except (*netcdf.UNREADABLE, RecordError) as error:
        raise RecordError(f"{path}: not a readable netCDF file ({error})") from error


def content_key(*facts: Any) -> str:
    """Return 16 hexadecimal digits that identify JSON-able facts.

    Examples
    --------
    >>> content_key({"a": 1, "b": 2}) == content_key({"b": 2, "a": 1})
    True
    """
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def code_digest(*rooms: str) -> str:
    """Return a digest of the code in these rooms (packages or modules of artneuro), comments and docstrings left out.

    It is part of the content keys: a result is made anew when the code that made it changes, and not when prose does.
    """
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for room in sorted(rooms):
        place = root / room
        for module in sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
            code = _without_prose(module.read_text(encoding="utf-8"))
            digest.update(f"{module.relative_to(root)}\n{code}\n".encode())
    return digest.hexdigest()[:16]


@cache
def _without_prose(text: str) -> str:
    """Return the code of a module without comments and docstrings; many rooms share modules, so it is remembered."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr) and _is_text(body[0].value):
            node.body = body[1:]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)

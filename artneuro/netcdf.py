"""netCDF: labelled datasets -> files and back. The only user of netCDF4.

Files are those that xarray reads and would write. They are written and read variable by variable, without xarray's
layers for files that are larger than memory: a study has thousands of small files, and what these layers need for each
variable is most of the time that such a file takes.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import xarray as xr

from artneuro.endless import reading
from artneuro.errors import RecordError

UNREADABLE = (OSError, ValueError, RuntimeError, KeyError, AttributeError, TypeError, MemoryError, OverflowError)
"""What reading a file may end with that is damaged, or made to do harm."""
DENSEST = 1100
"""Bytes that a byte of a compressed file can stand for: zlib, on nothing but zeros, comes to 1032."""
ROOM = 2**24
"""Bytes that a file may declare whatever its size: netCDF writes nothing for a short array that was never filled."""
WORTH = 2**10
"""Bytes from which on a variable is compressed: below, what describes the compression is longer than what it saves."""
ADDRESS = 16
"""Bytes that a text takes in the table of its variable, where HDF5 keeps length and place of each."""
ROWS = 64
"""Rows of text that are read at once; what is too much is noticed after so many."""
MARK = b"artneuro"
"""What stands after the last byte of netCDF in a sealed file, followed by the digest of all that stands before it."""
PACKED = ("scale_factor", "add_offset", "missing_value")
"""Attributes of variables whose values are not those in the file."""


def write(data: xr.Dataset, path: Path) -> None:
    """Write a dataset, compressed without loss, the same bytes for the same dataset.

    Examples
    --------
    >>> import tempfile
    >>> data = xr.Dataset({"accuracy": ("class", [0.5, 1.0])}, {"class": ["cat", "dog"]})
    >>> path = Path(tempfile.mkdtemp()) / "a.nc"
    >>> write(data, path)
    >>> read(path).identical(data) and xr.load_dataset(path).identical(data)
    True
    """
    apart = {name for name in data.coords if name not in data.dims}
    with netCDF4.Dataset(path, "w") as file:
        file.set_fill_off()  # every value is written
        for dim, size in data.sizes.items():
            file.createDimension(str(dim), size)
        for name, variable in data.variables.items():
            text = variable.dtype.kind == "U"
            held = file.createVariable(
                str(name),
                str if text else variable.dtype,
                tuple(map(str, variable.dims)),
                compression="zlib" if not text and variable.nbytes >= WORTH else None,
            )
            beside = "" if name in data.coords else _beside(data, apart, variable.dims)
            held.setncatts({**variable.attrs, **({"coordinates": beside} if beside else {})})
        told = {
            name for name in apart if any(_within(data, name, data.variables[each].dims) for each in data.data_vars)
        }
        untold = " ".join(sorted(map(str, apart - told)))
        file.setncatts({**data.attrs, **({"coordinates": untold} if untold else {})})
        file.set_auto_maskandscale(False)
        for name, held in file.variables.items():  # after all is declared, since each change between is written at once
            values = np.asarray(data.variables[name].values)
            held[...] = values.astype(object) if values.dtype.kind == "U" else values


def seal(path: Path) -> None:
    """Append a digest of its bytes to a file, by which `read` tells that it is damaged before HDF5 sees it.

    HDF5 can search for ever in a file of which one byte is another. It passes over what follows the end that its own
    header names, and so does every reader of netCDF.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.nc"
    >>> write(xr.Dataset({"accuracy": ("class", [0.5, 1.0])}), path)
    >>> seal(path)
    >>> xr.load_dataset(path).identical(read(path))
    True
    """
    with path.open("r+b") as file:
        digest = hashlib.file_digest(file, hashlib.sha256).digest()  # ends at the end
        file.write(MARK + digest)


def _require_undamaged(path: Path, sealed: bool) -> None:
    """Refuse a sealed file whose bytes are not those that were sealed, and one that is not where it must be."""
    held = memoryview(path.read_bytes())
    place = max(0, len(held) - len(MARK) - hashlib.sha256().digest_size)
    if held[place : place + len(MARK)] == MARK:
        if held[place + len(MARK) :] != hashlib.sha256(held[:place]).digest():
            raise RecordError("its bytes are not those that were written")
    elif sealed:
        raise RecordError("it does not end with the digest of its bytes")


def read(path: Path, sealed: bool = False) -> xr.Dataset:
    """Read what `write` wrote into memory; where it must be `sealed`, nothing else is opened.

    Raises
    ------
    RecordError
        Where its bytes are not those that were sealed, its header declares more than the file can hold, or values are
        packed.
    UNREADABLE
        Where it is damaged otherwise.
    """
    _require_undamaged(path, sealed)
    variables: dict[str, xr.Variable] = {}
    coordinates: set[str] = set()
    with reading(path), netCDF4.Dataset(path) as file:
        _require_room(file, path)
        file.set_auto_maskandscale(False)
        for name, held in file.variables.items():
            attributes = {key: held.getncattr(key) for key in held.ncattrs()}
            if packed := [key for key in PACKED if key in attributes]:
                raise RecordError(f"the values of {name!r} are packed ({', '.join(packed)}), as artneuro writes none")
            attributes.pop("_FillValue", None)  # not-a-number, of files that xarray wrote
            coordinates.update(attributes.pop("coordinates", "").split())
            values = np.asarray(held[...] if held.dtype is not str else _text(held, path))
            variables[name] = xr.Variable(
                held.dimensions, values.astype(str) if held.dtype is str else values, attributes
            )
        facts = {key: file.getncattr(key) for key in file.ncattrs()}
    coordinates.update(facts.pop("coordinates", "").split())
    coordinates.update(name for name, variable in variables.items() if variable.dims == (name,))
    along = {name: variables.pop(name) for name in [*variables] if name in coordinates}
    return xr.Dataset(variables, along, facts)


def opened(path: Path | str) -> xr.Dataset:
    """Open any netCDF file without reading it, through xarray. Raises what `read` raises; a seal is not looked at."""
    with reading(path), netCDF4.Dataset(path) as file:
        _require_room(file, path)
    return xr.open_dataset(path, engine="netcdf4", decode_times=False)


def append(
    frame: xr.Dataset,
    variables: Mapping[str, tuple[Sequence[str], Mapping[str, str]]],
    along: str,
    blocks: Iterable[Mapping[str, Any]],
    path: Path,
) -> int:
    """Append variables (dims, attributes) to the file of a frame, block after block; return how far they came."""
    apart = {name for name in frame.coords if name not in frame.dims}
    done = 0
    with netCDF4.Dataset(path, "a") as file:
        for name, (dims, attributes) in variables.items():
            variable = file.createVariable(
                name,
                "f4",
                dims,
                compression="zlib",
                complevel=1,  # higher levels take several times as long for a few per cent
                chunksizes=_chunks({dim: frame.sizes[dim] for dim in dims}, along),
                fill_value=np.nan,
            )
            variable.setncatts({**attributes, "coordinates": _beside(frame, apart, dims)})
        for block in blocks:
            (size,) = {np.shape(values)[variables[name][0].index(along)] for name, values in block.items()}
            for name, values in block.items():
                place = [slice(done, done + size) if dim == along else slice(None) for dim in variables[name][0]]
                file[name][tuple(place)] = values
            done += size
    return done


def _chunks(sizes: Mapping[str, int], along: str, most: int = 2**18) -> list[int]:
    """Return the shape of the pieces that are compressed, of at most `most` values: whole rows where they fit."""
    left, chunks = most, {}
    for dim in sorted(sizes, key=lambda dim: dim == along):  # the dim of the blocks last
        chunks[dim] = max(1, min(sizes[dim], left))
        left //= chunks[dim]
    return [chunks[dim] for dim in sizes]


def _beside(data: xr.Dataset, apart: Iterable[Any], dims: Sequence[Any]) -> str:
    """Return the coordinates, of those that are no dims themselves, along some of these dims."""
    return " ".join(sorted(str(name) for name in apart if _within(data, name, dims)))


def _within(data: xr.Dataset, name: Any, dims: Sequence[Any]) -> bool:
    return set(data.variables[name].dims) <= set(dims)


def _text(held: Any, path: Path | str) -> np.ndarray[Any, Any]:
    """Read text, unless it is more than its file can hold: many values may stand for one long text."""
    room = Path(path).stat().st_size + ROOM
    values = np.empty(held.shape, dtype=object)
    if not held.ndim:
        values[...] = held[...]
        return values
    for first in range(0, len(held), ROWS):
        rows = values[first : first + ROWS]
        rows[...] = held[first : first + ROWS]
        room -= sum(map(len, rows.ravel()))
        if room < 0:
            raise RecordError(f"the values of {held.name!r} are more text than the file has bytes")
    return values


def _require_room(file: netCDF4.Dataset, path: Path | str) -> None:
    """Refuse a header that declares more than its file can hold; reading it would fill the memory."""
    entries = [(variable, getattr(variable.dtype, "itemsize", ADDRESS)) for variable in file.variables.values()]
    for variable, bytes_each in entries:
        chunks = variable.chunking()
        pieced = math.prod(chunks if isinstance(chunks, list) else ())
        piece = pieced * bytes_each
        # netCDF itself has pieces of two million texts, also of a variable that has none
        most = ROOM * (ADDRESS if variable.dtype is str else 1)
        if piece > max(most, bytes_each * math.prod(variable.shape)):
            raise RecordError(f"its header has {variable.name!r} in pieces of {piece} bytes, and fewer are needed")
    declared = sum(math.prod(variable.shape) * bytes_each for variable, bytes_each in entries)
    size = Path(path).stat().st_size
    if declared > DENSEST * size + ROOM:
        raise RecordError(f"its header declares {declared} bytes of values, and the file has {size}")

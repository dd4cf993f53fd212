"""Published data sets, through torchvision: found in the data root, fetched on request, verified before reading."""

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any, ClassVar, final

from artneuro.environment.collection import Collection
from artneuro.environment.environment import Stimuli
from artneuro.errors import DataError
from artneuro.fields import define_spec, display, param


@define_spec
class Published(Collection, ABC):
    """A data set that torchvision knows. A subclass says which files it has, their MD5, and how to read them."""

    download: bool = param(False, doc="fetch the data set into the data root where files are missing")

    torchvision_name: ClassVar[str]
    """Name of its class in torchvision.datasets."""
    folder: ClassVar[str]
    """Where torchvision keeps its files, within the data root."""
    origin: ClassVar[str]
    """Where the files come from, for someone who puts them there by hand."""

    @abstractmethod
    def _md5(self, dataset: Any) -> Mapping[str, str]:
        """Return the files in `folder` with their published MD5."""

    @abstractmethod
    def _decode(self, dataset: Any, data_root: Path) -> tuple[Stimuli, Stimuli, tuple[str, ...]]:
        """Read files that have been verified."""

    @final
    def _read(self, data_root: Path) -> tuple[Stimuli, Stimuli, tuple[str, ...]]:
        from artneuro._torchvision import torchvision  # here, since it takes two seconds that digits need not wait for

        dataset = getattr(torchvision.datasets, self.torchvision_name)
        files = self._md5(dataset)
        place = data_root / self.folder
        missing = [name for name in files if not (place / name).is_file()]
        if missing and not self.download:
            raise self._missing(data_root, missing)
        if missing:
            self._fetch(dataset, data_root, files)
        self._verify(place, files)
        return self._decode(dataset, data_root)

    def _missing(self, data_root: Path, missing: list[str]) -> DataError:
        name = display(type(self))
        return DataError(
            f"{name}: looked in {data_root / self.folder} and did not find {', '.join(missing)}.\n"
            f"Either have it fetched: write `download: true` under `{name}`.\n"
            f"Or put the files there yourself, unpacked, under these names, from {self.origin}.\n"
            f"The data root, {data_root}, is what --data-root or ARTNEURO_DATA names; by default, the folder `data`."
        )

    def _verify(self, place: Path, files: Mapping[str, str]) -> None:
        from artneuro._torchvision import torchvision

        for name, md5 in files.items():
            path = place / name
            try:
                sound = torchvision.datasets.utils.check_integrity(path, md5)
            except OSError as error:
                raise DataError(f"{path}: cannot be read ({error}).") from error
            if not sound:
                raise DataError(
                    f"{path}: damaged, or not the published file (its MD5 is not {md5}). Nothing of it was read. "
                    f"Delete it, then put the published file there or write `download: true` under "
                    f"`{display(type(self))}`."
                )

    def _fetch(self, dataset: Any, data_root: Path, files: Mapping[str, str]) -> None:
        """Let torchvision download into a folder of its own, and move what is verified: whole files or none."""
        place = data_root / self.folder
        try:
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=data_root, prefix=f".{display(type(self))}-") as beside:
                dataset(beside, download=True)
                self._verify(Path(beside) / self.folder, files)
                for name in files:
                    (Path(beside) / self.folder / name).replace(place / name)
        except (OSError, HTTPException, RuntimeError) as error:  # RuntimeError is torchvision's own
            raise DataError(
                f"{display(type(self))}: fetching it into {place} failed ({error}). Try again when the network "
                f"is there, or put {', '.join(files)} there yourself, from {self.origin}."
            ) from error

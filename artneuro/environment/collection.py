"""Collection: labelled images that exist somewhere, and the options by which an environment is taken from them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import final

import attrs
import numpy as np
import torch
from torch import Tensor

from artneuro.environment import sampling
from artneuro.environment.data_root import resolve_data_root
from artneuro.environment.environment import Environment, EnvironmentSource, Stimuli
from artneuro.environment.presentation import Normalise, normalisation, to_grey
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, display, ge, param, some
from artneuro.registry import suggestion
from artneuro.seeds import Stream


@define_spec
class Collection(EnvironmentSource, ABC):
    """Labelled images that exist somewhere. A subclass is final, registered, and says in `_read` how to read them all.

    Which classes, how many stimuli, grey and normalisation are the same for every collection, and are decided here.
    """

    classes: tuple[int | str, ...] | None = param(
        None, doc="classes kept, by name or number, and numbered anew in this order; all, if left out", check=some()
    )
    train_size: int | None = param(
        None, doc="training stimuli kept, balanced over classes; all, if left out", check=ge(1)
    )
    test_size: int | None = param(None, doc="test stimuli kept, balanced over classes; all, if left out", check=ge(1))
    subset_seed: int = param(0, doc="seed of the choice of stimuli kept")
    grey: bool = param(False, doc="one channel: the luma of the colours")
    normalise: Normalise = param(
        "standard",
        doc="standard: by mean and standard deviation of each channel of the training stimuli used; "
        "half: by .5 and .5; none",
    )

    @abstractmethod
    def _read(self, data_root: Path) -> tuple[Stimuli, Stimuli, tuple[str, ...]]:
        """Return all training stimuli, all test stimuli and the names of the classes.

        Raises
        ------
        DataError
            Where data are missing or corrupt.
        """

    @final
    def load(self, data_root: Path | str | None = None, device: torch.device | str = "cpu") -> Environment:
        """Read the stimuli and take those that are declared.

        Parameters
        ----------
        data_root : path, optional
            Folder that holds the data sets; by default the environment variable ``ARTNEURO_DATA``, or ``data``.
        device : torch device
            Where the stimuli will lie.

        Raises
        ------
        DataError
            Where data are missing (naming the folder looked in and the ways to get them) or corrupt.
        SpecificationError
            Where the collection does not have the classes, channels or numbers of stimuli declared.
        """
        train, test, names = self._read(resolve_data_root(data_root))
        kept = self._classes_kept(names)
        train = self._kept("train", train, kept, names)
        test = self._kept("test", test, kept, names)
        mean, std = normalisation(train.images, self.normalise)
        return Environment(
            source=self,
            train=train.to(device),
            test=test.to(device),
            classes=tuple(names[number] for number in kept),
            mean=mean.to(device),
            std=std.to(device),
        )

    def _refuse(self, field: str, required: str, came: str, advice: str = "") -> SpecificationError:
        return SpecificationError([Problem(f"{display(type(self))}.{field}", required, came, advice)])

    def _classes_kept(self, names: Sequence[str]) -> list[int]:
        if self.classes is None:
            return list(range(len(names)))
        kept = []
        for one in self.classes:
            if isinstance(one, int) and 0 <= one < len(names):
                kept.append(one)
            elif isinstance(one, str) and one in names:
                kept.append(names.index(one))
            else:
                required = f"names of classes, or numbers in 0..{len(names) - 1}"
                raise self._refuse("classes", required, repr(one), suggestion(str(one), list(names)))
        if len(set(kept)) < len(kept):
            raise self._refuse("classes", "each class once", str(list(self.classes)))
        return kept

    def _kept(self, part: str, stimuli: Stimuli, kept: list[int], names: Sequence[str]) -> Stimuli:
        """Return the declared stimuli of one set, in the set's own order, with the classes numbered anew."""
        size = self.train_size if part == "train" else self.test_size
        new_numbers = torch.full((len(names),), -1)
        new_numbers[kept] = torch.arange(len(kept))
        targets = new_numbers[stimuli.targets]
        if size is None:
            chosen = torch.nonzero(targets >= 0).flatten()
        else:
            chosen = self._balanced(f"{part}_size", targets, size, [names[number] for number in kept])
        if len(chosen) == 0:
            raise self._refuse("classes", f"classes that have {part} stimuli", str(list(self.classes or names)))
        if len(chosen) < len(stimuli):
            stimuli = attrs.evolve(stimuli.of_numbers(chosen), targets=targets[chosen])
        else:
            stimuli = attrs.evolve(stimuli, targets=targets)
        return attrs.evolve(stimuli, images=self._in_grey(stimuli.images)) if self.grey else stimuli

    def _balanced(self, field: str, targets: Tensor, size: int, names: list[str]) -> Tensor:
        there = np.bincount(targets[targets >= 0].numpy(), minlength=len(names))
        quotas = sampling.apportion([1] * len(names), size)  # equal shares; what is left over goes to the first classes
        short = [place for place in range(len(names)) if quotas[place] > there[place]]
        if short or size < len(names):
            required = f"{len(names)} (one a class) to {int(there.min()) * len(names)}"
            scarce = int(there.argmin())
            advice = f"The scarcest class, {names[scarce]!r}, has {there[scarce]} stimuli; leave it out to keep all."
            raise self._refuse(field, required, str(size), advice)
        stream = Stream(self.subset_seed).child("subset", field.removesuffix("_size"))
        return torch.from_numpy(sampling.draw(targets.numpy(), quotas, names, stream))

    def _in_grey(self, images: Tensor) -> Tensor:
        try:
            return to_grey(images)
        except ValueError as error:
            raise self._refuse("grey", "images of 1 or 3 channels", f"{images.shape[1]} channels") from error

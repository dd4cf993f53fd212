"""Neurons of macaque V4, for natural and synthesised images."""

from pathlib import Path
from typing import Literal, final

import numpy as np

from artneuro.brains.brain import Brain, BrainSource
from artneuro.brains.making import brain_of
from artneuro.brains.reading import npy, zipped_images
from artneuro.environment.promised import as_promised, files_of
from artneuro.fields import define_spec, param
from artneuro.registry import register


@final
@register("macaque_v4_cowley")
@define_spec
class MacaqueV4Cowley(BrainSource):
    """Spike counts of 33 to 89 units of macaque V4 for 640 or 1,200 images of 112x112 (Cowley et al. 2023).

    Each session has units and images of its own. Of the last one, 210325, single presentations are known, 6 to 10 of
    each image; of the others, means. doi 10.1101/2023.11.22.568315.
    """

    session: Literal["190923", "201025", "210225", "210325"] = param("210325", doc="day of the recording")

    def load(self, data_root: Path | str | None = None) -> Brain:
        """Read it from the folder ``macaque_V4_cowley``."""
        title, single = f"macaque V4, {self.session}", self.session == "210325"
        files = [f"images_{self.session}.zip", f"responses_avg_{self.session}.npy"]
        files += [f"responses_raw_{self.session}.npy"] if single else []
        paths = files_of(title, data_root, "macaque_V4_cowley", *files)
        with as_promised(title, *paths):
            names, images = zipped_images(paths[0])
            arrays = {"images": images, "names": np.array(names), "activity": npy(paths[1]).T}
            arrays["site"] = np.full(arrays["activity"].shape[1], "V4")
            if single:
                arrays["trial_activity"] = npy(paths[2]).transpose(2, 1, 0)
        source = "Cowley et al. 2023 (cowleygroup/V4_compact_models)"
        return brain_of(title, arrays, source=source, terms="GPL-3 (repository)")

"""The only door to torchvision: ``from artneuro._torchvision import torchvision``.

Torchvision's wheels on the registry are built against CUDA torch. Beside a CPU torch their compiled operators cannot
be loaded, and the import fails with "operator torchvision::nms does not exist", although data sets, transforms and
models need none of them. Only then are the missing operators declared (without a body) and the import tried again;
where the two packages match, nothing is done.
"""

import sys
from typing import Any

import torch

_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_declared: list[torch.library.Library] = []  # a library takes its declarations along when it is collected


def _import() -> Any:
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::nms does not exist" not in str(error):
            raise
    else:
        return torchvision
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for operator in _OPERATORS:
        library.define(operator)  # type: ignore[no-untyped-call]
    _declared.append(library)
    for name in [name for name in sys.modules if name.startswith("torchvision.")]:
        del sys.modules[name]  # left behind by the first attempt; the second would not attach them to the package
    import torchvision

    return torchvision


torchvision = _import()

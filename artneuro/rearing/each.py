"""Layers of many subjects, each by the very kernel that computes one subject alone.

A batched matrix product may split its sums otherwise than a single one does, by the shape and by the number of
matrices, so a subject's last bits would depend on its company; `torch.func.vmap` also adds the bias after the product,
where `nn.Linear` adds it within. On a CPU the products are therefore made one subject at a time, which costs little
beside the arithmetic, and equal those of a single network bit for bit. So are SiLU, GELU and tanh: their vectorised
kernel and the one for the last few entries of a tensor round differently, and which entries are the last depends on the
company. (Other elementwise operations, additions and products, round alike in both.)
"""

import math
from collections.abc import Iterable, Mapping
from types import MethodType
from typing import Any, cast, final

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

EACH = (nn.SiLU, nn.GELU, nn.Tanh)
"""Nonlinearities that are computed subject by subject; GELU where it is exact."""

_FORWARD: Mapping[str, Any] = {
    "SiLU": torch.ops.aten.silu.out,
    "GELU": torch.ops.aten.gelu.out,
    "Tanh": torch.ops.aten.tanh.out,
}
_BACKWARD: Mapping[str, Any] = {
    "SiLU": torch.ops.aten.silu_backward.grad_input,
    "GELU": torch.ops.aten.gelu_backward.grad_input,
    "Tanh": torch.ops.aten.tanh_backward.grad_input,
}

ALIGNMENT = 64
"""Bytes to which torch aligns a tensor; by the alignment of matrices, MKL chooses how it sums thin ones."""

# Registered as torch's operations, so that tracing a computation sees one step and not a loop.
_library = torch.library.Library("artneuro", "DEF")  # type: ignore[no-untyped-call]
_library.define("mm_each(Tensor left, Tensor right) -> Tensor")  # type: ignore[no-untyped-call]
_library.define("addmm_each(Tensor bias, Tensor left, Tensor right) -> Tensor")  # type: ignore[no-untyped-call]
_library.define("activated_each(Tensor activity, str name) -> Tensor")  # type: ignore[no-untyped-call]
_library.define(  # type: ignore[no-untyped-call]
    "activated_back_each(Tensor gradient, Tensor activity, Tensor outcome, str name) -> Tensor"
)


def padded(size: int) -> int:
    """Return the least number of entries >= `size` that fills whole alignments, for any precision >= 16 bits.

    Examples
    --------
    >>> padded(1), padded(32), padded(33)
    (32, 32, 64)
    """
    entries = ALIGNMENT // 2
    return -(-size // entries) * entries


def _mm_each(left: Tensor, right: Tensor) -> Tensor:
    out = _empty(left, left.shape[1], right.shape[2])
    for place, first, second in zip(out.unbind(), _aligned(left), _aligned(right), strict=True):
        torch.mm(first, second, out=place)
    return out


def _addmm_each(bias: Tensor, left: Tensor, right: Tensor) -> Tensor:
    out = _empty(left, left.shape[1], right.shape[2])
    each = zip(out.unbind(), bias.unbind(), _aligned(left), _aligned(right), strict=True)
    for place, offset, first, second in each:
        torch.addmm(offset, first, second, out=place)
    return out


def _empty(like: Tensor, *shape: int) -> Tensor:
    """Return room for one tensor a subject, each aligned as torch aligns a tensor of its own."""
    size, subjects = math.prod(shape), like.shape[0]
    if size == padded(size):
        return like.new_empty(subjects, *shape)
    return like.new_empty(subjects, padded(size))[:, :size].view(subjects, *shape)


def _aligned(matrices: Tensor) -> Iterable[Tensor]:
    """Return the subjects' matrices, copied where they are not aligned as torch aligns a tensor of its own."""
    if matrices.data_ptr() % ALIGNMENT == 0 and matrices.stride(0) * matrices.itemsize % ALIGNMENT == 0:
        return matrices.unbind()
    return [matrix.clone() for matrix in matrices.unbind()]


_library.impl("mm_each", _mm_each, "CPU")  # type: ignore[no-untyped-call]
_library.impl("addmm_each", _addmm_each, "CPU")  # type: ignore[no-untyped-call]


def _activated_each(activity: Tensor, name: str) -> Tensor:
    """Return a nonlinearity of each subject's activity (subject, ...)."""
    out = _empty(activity, *activity.shape[1:])
    for place, own in zip(out.unbind(), activity.unbind(), strict=True):
        _FORWARD[name](own.contiguous(), out=place)
    return out


def _activated_back_each(gradient: Tensor, activity: Tensor, outcome: Tensor, name: str) -> Tensor:
    """Return the gradient with respect to each subject's activity, from that with respect to its outcome."""
    out = _empty(activity, *activity.shape[1:])
    for place, *given in zip(out.unbind(), gradient.unbind(), activity.unbind(), outcome.unbind(), strict=True):
        above, own, become = (tensor.contiguous() for tensor in given)
        _BACKWARD[name](above, become if name == "Tanh" else own, grad_input=place)
    return out


_library.impl("activated_each", _activated_each, "CPU")  # type: ignore[no-untyped-call]
_library.impl("activated_back_each", _activated_back_each, "CPU")  # type: ignore[no-untyped-call]


def use_each(model: nn.Module) -> None:
    """Let layers of a model compute subject by subject where the model is mapped over subjects."""
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            layer.forward = MethodType(_forward, layer)  # type: ignore[method-assign]
        elif isinstance(layer, EACH):
            layer.forward = MethodType(_activate, layer)  # type: ignore[method-assign]


def _forward(layer: nn.Linear, activity: Tensor) -> Tensor:
    weight: Tensor = layer.weight
    bias: Tensor | None = layer.bias
    if torch.is_autocast_enabled(activity.device.type):  # as autocast does for `nn.functional.linear`
        precision = torch.get_autocast_dtype(activity.device.type)
        activity, weight = activity.to(precision), weight.to(precision)
        bias = None if bias is None else bias.to(precision)
    rows = activity.reshape(-1, activity.shape[-1])
    given = (rows, weight) if bias is None else (rows, weight, bias)
    return cast(Tensor, _Mapped.apply(*given)).reshape(*activity.shape[:-1], -1)  # type: ignore[no-untyped-call]


@final
class _Mapped(Function):
    """The layer of one subject; mapped over subjects, that of each."""

    @staticmethod
    def forward(*given: Tensor) -> Tensor:
        return nn.functional.linear(*given)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        """Keep nothing: gradients are taken of the mapped layer."""

    @staticmethod
    def vmap(info: Any, dims: tuple[int | None, ...], *given: Tensor) -> tuple[Any, int]:
        stacked = [
            tensor.expand(info.batch_size, *tensor.shape) if dim is None else tensor.movedim(dim, 0)
            for tensor, dim in zip(given, dims, strict=True)
        ]
        return _Each.apply(*stacked), 0  # type: ignore[no-untyped-call]


@final
class _Each(Function):
    """``activity @ weight.T + bias`` of each subject, the bias (where there is one) added within the product."""

    @staticmethod
    def forward(ctx: Any, activity: Tensor, weight: Tensor, *bias: Tensor) -> Tensor:
        ctx.save_for_backward(activity, weight)
        operations = torch.ops.artneuro
        product = operations.addmm_each(*bias, activity, weight.mT) if bias else operations.mm_each(activity, weight.mT)
        return cast(Tensor, product)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        activity, weight = ctx.saved_tensors
        products = torch.ops.artneuro.mm_each
        of_activity = products(gradient, weight) if ctx.needs_input_grad[0] else None
        of_bias = (gradient.sum(1),) if len(ctx.needs_input_grad) > 2 else ()
        return of_activity, products(gradient.mT, activity), *of_bias


def _activate(layer: nn.Module, activity: Tensor) -> Tensor:
    return cast(Tensor, _Activated.apply(activity, type(layer).__name__))  # type: ignore[no-untyped-call]


@final
class _Activated(Function):
    """The nonlinearity of one subject; mapped over subjects, that of each."""

    @staticmethod
    def forward(activity: Tensor, name: str) -> Tensor:
        return cast(Tensor, getattr(nn, name)()(activity))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        """Keep nothing: gradients are taken of the mapped layer."""

    @staticmethod
    def vmap(info: Any, dims: tuple[int | None, None], activity: Tensor, name: str) -> tuple[Any, int]:
        dim = dims[0]
        stacked = activity.expand(info.batch_size, *activity.shape) if dim is None else activity.movedim(dim, 0)
        return _ActivatedEach.apply(stacked, name), 0  # type: ignore[no-untyped-call]


@final
class _ActivatedEach(Function):
    """The nonlinearity of each subject."""

    @staticmethod
    def forward(ctx: Any, activity: Tensor, name: str) -> Tensor:
        outcome = torch.ops.artneuro.activated_each(activity, name)
        ctx.save_for_backward(activity, outcome)
        ctx.name = name
        return cast(Tensor, outcome)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return torch.ops.artneuro.activated_back_each(gradient, *ctx.saved_tensors, ctx.name), None

"""Transformer: a small one, whose residual stream, heads and hidden units have names."""

import math
from typing import Literal, final

import torch
from torch import Tensor, nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.circuit import INPUT, OUTPUT, Circuit, Projection
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, ge, param
from artneuro.registry import register

RESIDUAL = "residual"


@final
class Block(nn.Module):
    """Attention to what came before, then hidden units; each adds to the residual stream (stimulus, token, width)."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.mixed = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.grown, self.shrunk = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.attended, self.gelu, self.stream = nn.Identity(), nn.GELU(), nn.Identity()

    def forward(self, residual: Tensor) -> Tensor:
        """Return the residual stream after the block."""
        residual = residual + self.mixed(_seen_by(self.attended, self._attention(residual)))
        residual = residual + self.shrunk(_seen_by(self.gelu, self.grown(residual)))
        return _seen_by(self.stream, residual)

    def _attention(self, residual: Tensor) -> Tensor:
        count, tokens, width = residual.shape
        parts = self.qkv(residual).view(count, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind()  # (stimulus, head, token, entry)
        match = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
        later = torch.ones(tokens, tokens, dtype=torch.bool, device=match.device).triu(1)
        weighted = match.masked_fill(later, -math.inf).softmax(-1) @ value
        mixed: Tensor = weighted.transpose(1, 2).reshape(count, tokens, width)
        return mixed


@final
class TransformerNetwork(nn.Module):
    """Blocks between an embedding and a readout; no layer norm, no positions."""

    def __init__(
        self, inputs: int, outputs: int, *, blocks: int, heads: int, width: int, hidden: int, each: bool
    ) -> None:
        super().__init__()
        self.embedding, self.output = nn.Linear(inputs, width), nn.Linear(width, outputs)
        self.blocks = nn.Sequential(*(Block(width, heads, hidden) for _ in range(blocks)))
        self._each, self._heads = each, heads

    def forward(self, x: Tensor) -> Tensor:
        """Return answers (stimulus, output) to sequences (stimulus, channel, token, input)."""
        residual = self.blocks(self.embedding(x.transpose(1, 2).flatten(2)))
        answers: Tensor = self.output(residual[:, 0::2] if self._each else residual[:, -1])
        return answers.flatten(1)

    def circuit(self) -> Circuit:
        """Return one residual layer, which every block reads and writes, and the heads and hidden units of each."""
        width = self.embedding.out_features
        layers, blocks = {INPUT: self.embedding.in_features, RESIDUAL: width}, {}
        projections = [Projection("embedding.weight", RESIDUAL, INPUT)]
        biases = {"embedding.bias": RESIDUAL, "output.bias": OUTPUT}
        for number, block in enumerate(self.blocks, start=1):
            assert isinstance(block, Block)
            heads, mlp, own = f"heads{number}", f"mlp{number}", f"blocks.{number - 1}"
            layers |= {heads: width, mlp: block.grown.out_features}
            blocks[heads] = self._heads
            projections += [
                Projection(f"{own}.qkv.weight", heads, RESIDUAL, target_folds=3),
                Projection(f"{own}.mixed.weight", RESIDUAL, heads),
                Projection(f"{own}.grown.weight", mlp, RESIDUAL),
                Projection(f"{own}.shrunk.weight", RESIDUAL, mlp),
            ]
            biases |= {f"{own}.{name}.bias": layer for name, layer in (("qkv", heads), ("grown", mlp))}
            biases |= {f"{own}.{name}.bias": RESIDUAL for name in ("mixed", "shrunk")}
        projections.append(Projection("output.weight", OUTPUT, RESIDUAL))
        return Circuit({**layers, OUTPUT: self.output.out_features}, tuple(projections), biases, blocks=blocks)


def _seen_by(site: nn.Module, activity: Tensor) -> Tensor:
    """Return what a site makes of activity (stimulus, token, unit), which it sees as (stimulus, unit, token, 1)."""
    seen: Tensor = site(activity.transpose(1, 2).unsqueeze(-1))
    return seen.squeeze(-1).transpose(1, 2)


@final
@register("transformer")
@define_spec
class Transformer(Anatomy):
    """A causal transformer without layer norm and positions; a stimulus is (channel, token, input).

    Sites of block 1, with tokens as positions, (unit, token, 1): ``heads1``, what its heads have attended to;
    ``mlp1``, its hidden units after GELU; ``residual1``, the stream after it. As a circuit it has one layer
    ``residual``, since every block reads and writes the same units; queries, keys and values of a head's entry share a
    place, and heads change places as blocks.

    Liu, Gan and Tegmark 2023, arXiv 2305.08746, section 3.4.

    Examples
    --------
    >>> model = Transformer(width=4, hidden=6, answers="each").build((1, 3, 2), classes=2)
    >>> model(torch.zeros(5, 1, 3, 2)).shape
    torch.Size([5, 2])
    """

    blocks: int = param(2, doc="blocks of attention and hidden units", check=ge(1))
    heads: int = param(1, doc="heads of each block", check=ge(1))
    width: int = param(32, doc="units of the residual stream", check=ge(1))
    hidden: int = param(128, doc="hidden units of each block", check=ge(1))
    answers: Literal["last", "each"] = param(
        "last", doc="last: all answers at the last token; each: one at every other token, from the first"
    )

    def problems(self) -> list[Problem]:
        """Refuse a stream that cannot be shared out among heads."""
        if self.width % self.heads:
            return [Problem("width", f"a multiple of `heads`, {self.heads}", str(self.width))]
        return []

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model, as torch initialises it.

        Raises
        ------
        SpecificationError
            Where there are more or fewer answers than tokens that are to give one.
        """
        each = self.answers == "each"
        asked = -(-shape[1] // 2)
        if each and asked != classes:
            required = f"as many answers as every other of {shape[1]} tokens, {asked}"
            raise SpecificationError([Problem("transformer.answers", required, str(classes), "Use `answers: last`.")])
        sizes = {"blocks": self.blocks, "heads": self.heads, "width": self.width, "hidden": self.hidden}
        return TransformerNetwork(shape[0] * shape[2], 1 if each else classes, each=each, **sizes)

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return heads, hidden units and stream, block by block."""
        modules = (("heads", "attended"), ("mlp", "gelu"), ("residual", "stream"))
        return {
            f"{site}{number + 1}": f"blocks.{number}.{module}"
            for number in range(self.blocks)
            for site, module in modules
        }

"""Multi-layer perceptron on tokens, each of which has a learnt vector."""

from typing import final

from torch import nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.circuit import OUTPUT, Circuit, Projection, WiredSequence
from artneuro.anatomy.layers import Activation, Layers, active_sites, dense
from artneuro.fields import define_spec, each, ge, param
from artneuro.registry import register


@final
@register("token_mlp")
@define_spec
class TokenMLP(Anatomy):
    """Tokens become learnt vectors, which are put side by side and go through fully connected layers.

    A stimulus is (channel, token, vocabulary), 1 at the token's word and 0 elsewhere, as `modular_addition` has it. As
    a circuit, the entries of a token's vector are the units of the layer ``embedding``: all tokens share them, so that
    a unit has one place and sends connections from each token. Vectors begin as standard normal numbers, all else as
    torch initialises it. Sites ``embedding`` (token by token), ``hidden1``, ``hidden2``, ...

    Liu, Gan and Tegmark 2023, arXiv 2305.08746, section 3.3.

    Examples
    --------
    >>> model = TokenMLP(width=3, widths=(5,)).build((1, 2, 7), classes=7)
    >>> circuit = Circuit.of(model)
    >>> circuit.layers, circuit.projections[0].source_folds
    ({'embedding': 3, 'hidden1': 5, 'output': 7}, 2)
    """

    width: int = param(32, doc="entries of a token's vector", check=ge(1))
    widths: tuple[int, ...] = param((50, 50), doc="units of each hidden layer", check=each(ge(1)))
    activation: Activation = param("silu", doc="nonlinearity of the hidden layers")

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model."""
        channels, tokens, vocabulary = shape
        table = nn.Linear(vocabulary, self.width, bias=False)
        nn.init.normal_(table.weight)
        layers: Layers = {"embedding": table, "flatten": nn.Flatten()}
        sizes, projections, biases = {"embedding": self.width}, [], {}
        inputs, source, folds = channels * tokens * self.width, "embedding", channels * tokens
        for number, width in enumerate((*self.widths, classes), start=1):
            last = number > len(self.widths)
            name = OUTPUT if last else f"hidden{number}"
            own = {name: nn.Linear(inputs, width)} if last else dense(name, inputs, width, activation=self.activation)
            layers |= own
            sizes[name] = inputs = width
            projections.append(Projection(f"{name}.weight", name, source, source_folds=folds))
            biases[f"{name}.bias"] = name
            source, folds = name, 1
        circuit = Circuit(sizes, tuple(projections), biases, tables={"embedding.weight": "embedding"})
        return WiredSequence(layers, circuit)

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the vectors of the tokens, and the outputs of the nonlinearities."""
        return {"embedding": "flatten", **active_sites(model)}

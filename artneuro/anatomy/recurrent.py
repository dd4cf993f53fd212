"""Recurrent network: units that drive each other from step to step."""

from typing import final

import torch
from torch import Tensor, nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.circuit import INPUT, OUTPUT, Circuit, Projection
from artneuro.fields import define_spec, ge, param
from artneuro.registry import register


@final
class RecurrentNetwork(nn.Module):
    """``h_t = relu(W x_t + U h_{t-1} + b)``, read out at the end; it is trained through time.

    Parameters
    ----------
    inputs, units, outputs : int
    """

    def __init__(self, inputs: int, units: int, outputs: int) -> None:
        super().__init__()
        self.input, self.hidden = nn.Identity(), nn.Identity()
        self.incoming, self.output = nn.Linear(inputs, units), nn.Linear(units, outputs)
        self.recurrent = nn.Linear(units, units, bias=False)
        for layer in (self.incoming, self.output):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        nn.init.orthogonal_(self.recurrent.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return the answer (stimulus, output) at the end of sequences (stimulus, channel, time, input)."""
        drive = self.incoming(self.input(x).transpose(1, 2).flatten(2))
        state = torch.zeros_like(drive[:, 0])
        states = []
        for step in range(drive.shape[1]):
            state = torch.relu(drive[:, step] + self.recurrent(state))
            states.append(state)
        seen = self.hidden(torch.stack(states, dim=-1).unsqueeze(-1))
        answers: Tensor = self.output(seen[:, :, -1, 0])
        return answers

    def circuit(self) -> Circuit:
        """Return inputs, units and outputs; the units drive each other."""
        hidden = "hidden"
        projections = (
            Projection("incoming.weight", hidden, INPUT),
            Projection("recurrent.weight", hidden, hidden),
            Projection("output.weight", OUTPUT, hidden),
        )
        sizes = {INPUT: self.incoming.in_features, hidden: self.incoming.out_features}
        biases = {"incoming.bias": hidden, "output.bias": OUTPUT}
        return Circuit({**sizes, OUTPUT: self.output.out_features}, projections, biases)


@final
@register("recurrent")
@define_spec
class Recurrent(Anatomy):
    """Recurrent ReLU units; a stimulus (channel, time, input) is seen step by step and read out at the end.

    Sites: ``input``, where `ActivityNoise` adds noise to what comes in, and ``hidden``, the units at every step,
    (unit, time, 1). A lesion of ``hidden`` acts on the readout, not on what units tell each other. Weights begin as in
    Keras: Glorot's uniform, the recurrent ones orthogonal, biases zero.

    Achterberg et al. 2023, Nature Machine Intelligence 5, with 100 units.

    Examples
    --------
    >>> model = Recurrent(units=6).build((1, 5, 8), classes=4)
    >>> model(torch.zeros(2, 1, 5, 8)).shape
    torch.Size([2, 4])
    """

    units: int = param(100, doc="recurrent units", check=ge(1))

    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model."""
        return RecurrentNetwork(shape[0] * shape[2], self.units, classes)

    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return what comes in, and the units at every step."""
        return {"input": "input", "hidden": "hidden"}

from typing import Literal, final

import attrs

from artneuro.described import describe
from artneuro.fields import Spec, define_spec, gt, param


@final
@define_spec
class Body(Spec):
    name: str = param(doc="what it is called")
    rate: float = param(60.0, units="1/min", doc="beats of the heart", check=gt(0))
    organs: tuple[str, ...] = param((), doc="what is inside")
    kind: Literal["mammal", "bird"] = param("mammal", doc="class")
    weights: dict[str, float] = param(attrs.Factory(dict), doc="by part")
    mother: "Body | None" = param(None, doc="where it came from")
    hungry: bool = param(False, doc="state")


def test_every_parameter_is_told_as_a_study_file_writes_it():
    rows = {row.name: row for row in describe(Body)}
    assert {name: row.default for name, row in rows.items()} == {
        "name": "required",
        "rate": "60.0",
        "organs": "[]",
        "kind": '"mammal"',
        "weights": "{}",
        "mother": "null",
        "hungry": "false",
    }
    assert (rows["rate"].required, rows["rate"].units, rows["rate"].doc) == (
        "a number > 0",
        "1/min",
        "beats of the heart",
    )

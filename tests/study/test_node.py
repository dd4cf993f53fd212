from artneuro.errors import Problem
from artneuro.study.document import parse
from artneuro.study.node import Node, located


def test_every_value_knows_its_line():
    text = "a:\n  b: 1\n  c:\n    - 2\n    - d: 3\n"
    assert dict(parse(text, "x.yaml").places()) == {
        "": "x.yaml:1",
        "a": "x.yaml:1",
        "a.b": "x.yaml:2",
        "a.c": "x.yaml:3",
        "a.c[0]": "x.yaml:4",
        "a.c[1]": "x.yaml:5",
        "a.c[1].d": "x.yaml:5",
    }


def test_a_problem_stands_where_the_nearest_value_that_is_there_stands():
    places = {"": "x.yaml:1", "a": "x.yaml:3", "a.b": "x.yaml:4", "a.b[1]": "x.yaml:6"}
    paths = ["", "a.b[1].c.d", "a.b[7]", "a.bc", "e.f", "ab"]
    found = located([Problem(path, "this", "that") for path in paths], places)
    assert [problem.where for problem in found.problems] == [
        "x.yaml:1",
        "x.yaml:6: a.b[1].c.d",
        "x.yaml:4: a.b[7]",
        "x.yaml:3: a.bc",
        "x.yaml:1: e.f",
        "x.yaml:1: ab",
    ]


def test_plain_data_have_a_node_and_come_back():
    data = {"a": [1, {"b": None}], "c": "text"}
    assert Node.of(data, "here").bare() == data
    assert set(dict(Node.of(data, "here").places()).values()) == {"here"}

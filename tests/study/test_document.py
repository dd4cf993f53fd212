import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artneuro.errors import SpecificationError
from artneuro.study import document
from artneuro.study.document import dump, flow, parse, read


def refusal(text):
    with pytest.raises(SpecificationError) as raised:
        parse(text, "a.yaml")
    return raised.value


def test_scalars_are_those_of_yaml_1_2():
    text = "{a: 1e-3, b: no, c: on, d: 012, e: 0o17, f: 0x1F, g: .5, h: true, i: ~, j: 1_000, k: 1:30, l: 2018-03-19}"
    assert parse(text, "a.yaml").bare() == {
        **{"a": 0.001, "b": "no", "c": "on", "d": 12, "e": 15, "f": 31, "g": 0.5, "h": True, "i": None},
        **{"j": "1_000", "k": "1:30", "l": "2018-03-19"},
    }


def test_a_key_is_the_text_that_stands_there():
    assert parse("{50: a, 0.5: b, true: c, ~: d}", "a.yaml").bare() == {"50": "a", "0.5": "b", "true": "c", "~": "d"}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3", 3, r"each key once; came 'a' again \(first on line 1\)"),
        ("a:\n\tb: 1", 2, "Indent with spaces"),
        ("a: b: c", 1, "Quote text that holds a colon"),
        ("a: [1, 2\nb: 3", 2, "flow sequence"),
        ("a: *b", 1, "undefined alias 'b'"),
        ("---\na: 1\n---\nb: 2", 3, "Put one study in a file"),
        ("a: \x07", 1, r"printable text; came the character U\+0007"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]", 2, "Remove the tag"),
        ("a: !!int x", 1, "required a whole number of 64 bits; came 'x'"),
        ("a: 1e999", 1, "required a finite number"),
        ("a: " + "9" * 5000, 1, "required a whole number"),
        ("a: 0x" + "F" * 5000, 1, "required a whole number"),
        ("? [1]\n: 2", 1, "text as a key; came a list or mapping"),
        ("a: &a [*a]", 1, "an alias that holds itself"),
        ("[" * 1000, 1, f"nested more than {document.MOST_LEVELS} deep"),
    ],
)
def test_what_is_not_a_plain_declaration_is_refused_with_its_line(text, line, words):
    sentence = str(refusal(text))
    assert sentence.startswith(f"a.yaml:{line}: ")
    assert re.search(words, sentence)


def test_several_faults_are_said_at_once():
    assert [problem.where for problem in refusal("a: !x 1\nb: !!int y\nb: 2").problems] == [
        "a.yaml:1",
        "a.yaml:2",
        "a.yaml:3",
    ]


def test_an_empty_file_is_refused():
    assert "an empty file" in str(refusal("# nothing\n"))


def test_aliases_are_read_and_a_bomb_is_not():
    assert parse("a: &r {n: 1}\nb: *r", "a.yaml").bare() == {"a": {"n": 1}, "b": {"n": 1}}
    levels = [f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 10)}]" for level in range(1, 9)]
    assert "came more" in str(refusal("\n".join(["l0: &l0 [x]", *levels])))  # 10**8 values in 9 short lines


def test_files_that_cannot_be_read_are_named(tmp_path):
    for name, content, words in [
        ("latin.yaml", "a: 1\nb: caf\xe9".encode("latin-1"), "latin.yaml:2: required text in UTF-8; came byte 0xe9"),
        ("large.yaml", b"#" * (document.MOST_BYTES + 1), "at most 256 KiB"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SpecificationError, match=re.escape(words)):
            read(tmp_path / name)
    with pytest.raises(SpecificationError, match=r"missing\.yaml: required a readable file; came No such file"):
        read(tmp_path / "missing.yaml")
    with pytest.raises(SpecificationError, match="Is a directory"):
        read(tmp_path)
    with pytest.raises(SpecificationError, match="null"):
        read("a\0b")


def test_a_byte_order_mark_is_no_text(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1")
    assert read(tmp_path / "a.yaml").bare() == {"a": 1}


numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers
values = st.recursive(
    scalars | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(values.filter(lambda value: value is not None))
def test_what_is_written_is_read_back(value):
    assert parse(dump({"a": value}), "a.yaml").bare() == {"a": value}


@pytest.mark.parametrize(
    "text", ["1e-3", "yes", "0x1F", "~", "<<", "=", "\x85", "\u2028", " a", "a: b", "*a", "2018-01-01"]
)
def test_text_that_looks_like_something_else_stays_text(text):
    assert parse(dump({text: text}), "a.yaml").bare() == {text: text}


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_make_it_fall_over(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(content)
    try:
        outcome = dict(read(path).places()).values()
    except SpecificationError as error:
        outcome = [problem.where for problem in error.problems]
    assert outcome
    assert all(place.startswith(str(path)) for place in outcome)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        # a setting is one line of text
        | st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        max_leaves=8,
    )
)
def test_what_is_written_on_one_line_is_read_back(data):
    text = flow(data)
    assert "\n" not in text
    assert parse(f"key: {text}", "x.yaml").bare() == {"key": data}

"""What claims may say; everything else is refused with examples, and nothing is ever executed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artneuro.errors import SpecificationError
from artneuro.statistics.claim import Correlated, Differ, Interacts, Order, Same, Side, labels, parse


def side(constant=0.0, **levels):
    return Side({label.replace("_", "-"): weight for label, weight in levels.items()}, constant)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("clean > half > random", Order((side(clean=1.0), side(half=1.0), side(random=1.0)))),
        ("a < b", Order((side(b=1.0), side(a=1.0)))),
        ("a > 0.5", Order((side(a=1.0), side(0.5)))),
        ("-0.01 < a", Order((side(a=1.0), side(-0.01)))),
        ("a>b", Order((side(a=1.0), side(b=1.0)))),
        ("a ~ b within 0.01", Same((side(a=1.0), side(b=1.0)), 0.01)),
        ("a ~ b ~ c within 1e-2", Same((side(a=1.0), side(b=1.0), side(c=1.0)), 0.01)),
        ("mean ~ 0 within 0.1", Same((side(mean=1.0), side(0.0)), 0.1)),
        ("a != b", Differ((side(a=1.0), side(b=1.0)))),
        ("a - b > c - d", Order((side(a=1.0, b=-1.0), side(c=1.0, d=-1.0)))),
        ("a - 0.1 > b", Order((side(-0.1, a=1.0), side(b=1.0)))),
        ("log-normal > a", Order((side(log_normal=1.0), side(a=1.0)))),
        ("'0.1' > \"0 . 5\"", Order((Side({"0.1": 1.0}), Side({"0 . 5": 1.0})))),
        ("lr=0.1 > lr=0.01", Order((Side({"lr=0.1": 1.0}), Side({"lr=0.01": 1.0})))),
        ("sgd/clean > adam/clean", Order((Side({"sgd/clean": 1.0}), Side({"adam/clean": 1.0})))),
        ("20epochs < 40epochs", Order((Side({"40epochs": 1.0}), Side({"20epochs": 1.0})))),
        ("turnover:on > control:on", Order((Side({"turnover:on": 1.0}), Side({"control:on": 1.0})))),
        ("trend(a > b > c)", Order((side(a=1.0), side(b=1.0), side(c=1.0)), trend=True)),
        ("corr(L.auc, L.test_loss) < 0", Correlated("L.auc", "L.test_loss", "<", 0.0)),
        ("corr(L.x, H.y) ~ 0.2 within 0.1", Correlated("L.x", "H.y", "~", 0.2, 0.1)),
        ("corr(L.x, H.y) != -0.5", Correlated("L.x", "H.y", "!=", -0.5)),
        ("interaction(arm, clamp)", Interacts(("arm", "clamp"))),
        ("corr > trend", Order((side(corr=1.0), side(trend=1.0)))),  # words are labels where they call nothing
    ],
)
def test_claims_that_can_be_read(text, claim):
    assert parse(text) == claim


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "A label must stand where 'the end' does"),
        ("a", "'>' or '<' or '~' or '!=' must stand where 'the end' does"),
        ("a > ", "A label must stand where 'the end' does"),
        ("a >= b", "no test shows that something is at least so much: write > or <"),
        ("a > b < c", "one claim holds one kind of relation"),
        ("a ~ b", "`~` needs the largest difference that would not matter"),
        ("a ~ b within -1", "a margin is above 0"),
        ("a ~ b within wide", "A number must stand where 'wide' does"),
        ("a > a", "a label, on one side at least, that does not cancel"),
        ("a ~ b ~ a within 1", "does not cancel"),
        ("1 > 2", "does not cancel"),
        ("a b", "must stand where 'b' does"),
        ("a > b within 0.1", "The end must stand where 'within' does"),
        ("a > 1e999", "a number must be finite"),
        ("corr(a.x) < 0", "',' must stand where ')' does"),
        ("corr(a.x, b.y) < 2", "a number between -1 and 1"),
        ("trend(a > b)", "three labels or more"),
        ("trend(a ~ b ~ c within 1)", "three labels or more"),
        ("trend(a > 1 > b)", "labels, not numbers"),
        ("'a > b", "is no label, number or sign"),
        ("a > b; c", "'; c' is no label, number or sign"),
    ],
)
def test_claims_that_cannot_be_read_say_where_and_show_some_that_can(text, why):
    with pytest.raises(SpecificationError) as error:
        parse(text)
    assert why.lower() in str(error.value).lower()
    assert '"clean > half > random"' in str(error.value)


@pytest.mark.parametrize("text", ["__import__('os').system('touch x') > a", "(lambda: 1)() > a", "a > exec('b')"])
def test_code_is_no_claim(text):
    with pytest.raises(SpecificationError):
        parse(text)


WORDS = ["a", "b-c", "mean", "0.5", "within", "corr", "trend", "interaction", "'x y'"]
pieces = st.sampled_from([*WORDS, "-", ">", "<", "~", "!=", "(", ")", ","])


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(pieces, max_size=10).map(" ".join)))
def test_whatever_is_written_is_read_or_refused(text):
    try:
        answer = parse(text)
    except SpecificationError as error:
        answer = error
    assert isinstance(answer, Order | Same | Differ | Correlated | Interacts | SpecificationError)


def test_sides_are_shown_as_they_are_written():
    claim = parse("a - b > c - 0.1")
    assert [str(one) for one in claim.sides] == ["a - b", "c - 0.1"]
    assert labels(claim) == ("a", "b", "c")
    assert labels(parse("corr(a.x, b.y) < 0")) == ()


def test_differences_of_sides_cancel():
    assert parse("a - b > a - c").sides[0].minus(Side({"a": 1.0}, 0.2)) == Side({"b": -1.0}, -0.2)

import pytest

from artneuro.errors import SpecificationError
from artneuro.fields import conform
from artneuro.rearing import Rearing
from artneuro.study.ages import Ages, Tracking, ages_of, in_words, kept, unreached

SHORT, LONG = Rearing(epochs=6, keep=(2,)), Rearing(epochs=9, keep=(2, 4))


@pytest.mark.parametrize(
    ("tracking", "epochs", "ages"),
    [
        ({"every": 2}, 6, (0, 2, 4, 6)),
        ({"every": 4}, 6, (0, 4, 6)),  # birth and the end always belong to it
        ({"every": 1}, 2, (0, 1, 2)),
        ({"at": (5, 1)}, 6, (1, 5)),
        ({"every": 3, "at": (1,)}, 6, (0, 1, 3, 6)),
    ],
)
def test_tracked_ages_are_regular_or_named_or_both(tracking, epochs, ages):
    assert Tracking(**tracking).ages(epochs) == ages


def test_arms_are_measured_at_the_ages_that_all_of_them_have():
    both = [SHORT, LONG]
    assert ages_of(Tracking(every=3), both) == (0, 3, 6)
    assert ages_of(Tracking(every=2), both) == (0, 2, 4, 6)
    assert ages_of("kept", both) == (2,)
    assert ages_of((4, 2, 4), both) == (2, 4)
    assert ages_of(None, both) is None
    assert ages_of(Tracking(every=3), []) == ()


def test_the_end_and_what_is_named_are_kept():
    assert [age for age in range(7) if kept(age, SHORT)] == [2, 6]


@pytest.mark.parametrize("written", [{"every": 5}, {"at": [0, 1, 2]}, {"every": 3, "at": [1]}, [2, 4], "kept", None])
def test_what_a_file_writes_is_read_and_written_back(written):
    ages = conform(written, Ages)
    plain = ages.plain() if isinstance(ages, Tracking) else list(ages) if isinstance(ages, tuple) else ages
    assert conform(plain, Ages) == ages
    assert isinstance(ages, Tracking) == isinstance(written, dict)


@pytest.mark.parametrize(
    ("written", "where", "words"),
    [
        ({"every": 0}, "every", ">= 1 (1: after each epoch)"),
        ({"every": 2.5}, "every", "a whole number"),
        ({"at": [-1]}, "at", "each >= 0"),
        ({}, "every", "or leave `ages` out"),
        ({"evry": 3}, "evry", 'Did you mean "every"?'),
    ],
)
def test_what_tracks_nothing_is_refused(written, where, words):
    with pytest.raises(SpecificationError) as raised:
        conform(written, Ages)
    found = {problem.where: str(problem) for problem in raised.value.problems}
    assert words in found[where]


@pytest.mark.parametrize(
    ("ages", "rearings", "where", "words"),
    [
        (
            Tracking(every=7),
            [SHORT, LONG],
            "ages.every",
            "at most 6, the epochs of the shortest rearing measured; came 7",
        ),
        (
            Tracking(at=(0, 7, 8)),
            [SHORT, LONG],
            "ages.at",
            "ages up to 6, .* came \\[7, 8\\]. Raise the rearing's `epochs`",
        ),
        (
            (2, 4),
            [SHORT, LONG],
            "ages",
            "\\(2\\); came 4. Add 4 to the rearing's `keep`; or track .* `ages: {at: \\[4\\]}`",
        ),
    ],
)
def test_ages_that_are_not_there_are_refused_with_the_remedy(ages, rearings, where, words):
    (problem,) = unreached(ages, rearings)
    assert problem.where == where
    with pytest.raises(SpecificationError, match=words):
        raise SpecificationError([problem])


@pytest.mark.parametrize("ages", [Tracking(every=6), Tracking(at=(6,)), (2,), "kept", None])
def test_ages_that_are_there_are_not_refused(ages):
    assert list(unreached(ages, [SHORT, LONG])) == []


def test_ages_are_said_in_words():
    assert in_words(Tracking(every=1)) == "every epoch"
    assert in_words("kept") == "kept"

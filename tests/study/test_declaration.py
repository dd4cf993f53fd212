import copy
import random
import re

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from artneuro.anatomy import MLP
from artneuro.cohort import Arm
from artneuro.errors import Problem, SpecificationError
from artneuro.rearing import LabelCorruption
from artneuro.study.declaration import Study, declared, load_study
from artneuro.study.document import dump, parse


def refusal(path, *arguments):
    with pytest.raises(SpecificationError) as raised:
        load_study(path, *arguments)
    return [str(problem) for problem in raised.value.problems]


def changed(file, text, old, new):
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def test_a_file_becomes_a_study(file):
    study = load_study(file)
    assert study.study == "memory"
    assert study.cohort.rearing.optimizer.lr == 0.1
    assert study.arms["half"] == Arm(interventions=(LabelCorruption(fraction=0.5),))
    assert [entry.name for entry in study.protocols] == ["LesionStudy", "early"]
    assert study.measured(study.protocols[1]) == ("clean", "half")


def test_profiles_and_settings_are_merged_in(file):
    smoke = load_study(file, "smoke", ["cohort.n=2", "cohort.arms.half.LabelCorruption.fraction=0.25"])
    full = load_study(file)
    assert (smoke.cohort.n, smoke.cohort.rearing.epochs, smoke.protocols[0].protocol.repeats) == (2, 5, 2)
    assert smoke.arms["half"].interventions == (LabelCorruption(fraction=0.25),)
    assert smoke.cohort.rearing.batch == full.cohort.rearing.batch
    assert smoke.protocols[0].protocol.fractions == full.protocols[0].protocol.fractions
    assert load_study(file, "none") == full


def test_what_an_arm_overrides_is_merged_over_the_cohort(file, text):
    study = load_study(file)
    assert study.arms["long"].rearing == attrs.evolve(study.cohort.rearing, epochs=9, keep=(2,))
    assert study.arms["half"].rearing is None
    changed(file, text, "rearing: {epochs: 9, keep: [2]}", "anatomy: {mlp: {batch_norm: true}}")
    assert load_study(file).arms["long"].anatomy == MLP(widths=(16, 8), batch_norm=True)
    changed(file, text, "{epochs: 9, keep: [2]}", "{keep: {x: 2}}")
    assert refusal(file)[0].startswith(f"{file}:12: cohort.arms.long.rearing.keep.x: required")


def test_what_an_arm_inherits_is_wrong_once(file, text):
    assert len(refusal(changed(file, text, "batch: 64", "batch: many"))) == 1


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("batch: 64", "batch: many", 8, "cohort.rearing.batch: required a whole number >= 1; came 'many'."),
        ("batch: 64", "bach: 64", 8, 'cohort.rearing.bach: required a parameter of Rearing.*Did you mean "batch"'),
        ("{sgd:", "{sdg:", 8, 'cohort.rearing.optimizer: required the name of a known optimizer.*Did you mean "sgd"'),
        ("fraction: 0.5", "fraction: 5", 11, r"cohort.arms.half\[0\].LabelCorruption.fraction: required"),
        ("fraction: 1.0", "fraction: 5", 12, r"cohort.arms.long.interventions\[0\].LabelCorruption.fraction: required"),
        ("repeats: 10", "repeats: 0", 14, r"protocols\[0\].LesionStudy.repeats: required"),
        ("LesionStudy.auc, between", "LesionStudy.acu, between", 20, r"analyses\[0\].anova.of: .*Did you mean \"auc\""),
        ("clean > half > long", "clean > haf", 22, r"hypotheses.L1"),
        ('claim: "clean > half > long", ', "", 22, "hypotheses.L1.claim: required .*Add `claim` here."),
        ("x: fraction", "x: fractoin", 24, r"figures\[0\].curve.x: .*Did you mean \"fraction\""),
        ("curve: {of: LesionStudy", "curve: {of: LesoinStudy", 24, r"figures\[0\].curve.of: .*Did you mean \"Lesion"),
        ("epochs: 5}", "epochs: -5}", 27, r"cohort.rearing.epochs: required a whole number >= 0; came -5."),
        ("cohort: {n: 3", "cohrot: {n: 3", 27, r'cohrot: .*Did you mean "cohort"'),
        ("none:", "none: 3", 28, "required overrides, as a mapping"),
    ],
)
def test_each_problem_has_file_line_path_requirement_and_advice(file, text, old, new, line, words):
    (sentence,) = refusal(changed(file, text, old, new))
    assert sentence.startswith(f"{file}:{line}")
    assert re.search(words, sentence)


def test_all_problems_are_said_at_once(file, text):
    wrong = text.replace("n: 4", "n: 0").replace("batch: 64", "batch: 0").replace("repeats: 10", "repeats: x")
    file.write_text(wrong.replace("epochs: 5}", "epoch: 5}").replace("learning_curve", "learning"), encoding="utf-8")
    lines = sorted(int(re.search(r"yaml:(\d+)", sentence)[1]) for sentence in refusal(file))
    assert lines == [5, 8, 14, 25, 27]


def test_a_problem_of_a_profile_names_the_profile(file, text):
    changed(file, text, "epochs: 5}", "epochs: x}")
    assert f"{file}:27 (profile smoke): cohort.rearing.epochs" in refusal(file)[0]


def test_a_problem_of_a_setting_names_the_setting(file):
    sentences = refusal(file, None, ["cohort.rearing.epoch=5", "cohort.n=x", "study"])
    assert [sentence.partition(": ")[0] for sentence in sentences] == [
        "--set",
        "--set cohort.n=x",
        "--set cohort.rearing.epoch=5",
    ]


def test_an_unknown_profile_is_answered_with_the_known(file):
    assert refusal(file, "smok") == [
        f"{file}: profiles: required a profile of the file; came 'smok'. Did you mean \"smoke\"? Valid: none, smoke."
    ]


def test_ages_must_be_kept_in_every_profile(file, text):
    changed(file, text, "    ages: [2]", "    ages: [6]")
    assert refusal(file) == [
        f"{file}:18: protocols[1].ages: required ages that all arms measured keep (2, 5); came 6. "
        "Rearing ends at 5: raise its `epochs`, or drop 6."
    ]
    changed(file, text, "    ages: [2]", "    ages: [4]")
    advice = "came 4. Add 4 to the rearing's `keep`; or track them, with `ages: {at: [4]}`."
    assert all(sentence.endswith(advice) for sentence in refusal(file))


@pytest.mark.parametrize("text", ["- a\n- b\n", "text", "42", "profiles: {}"])
def test_what_is_no_study_is_refused(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    assert all(sentence.startswith(f"{path}:1") for sentence in refusal(path))


def test_profiles_that_are_no_mapping_are_refused(file, text):
    file.write_text(text.partition("profiles:")[0] + "profiles: [smoke]\n", encoding="utf-8")
    assert "profiles: required a mapping from names to overrides" in refusal(file)[0]


def test_problems_found_later_are_given_their_line(file):
    declaration = declared(file)
    error = declaration.located(
        [
            Problem("protocols[0].LesionStudy.site", "a site", "'hidden2'"),
            Problem("cohort.arms.half.interventions[0].LabelCorruption", "this", "that"),
            Problem("cohort.arms.long.interventions[0].LabelCorruption", "this", "that"),
        ]
    )
    assert [problem.where for problem in error.problems] == [
        f"{file}:14: protocols[0].LesionStudy.site",
        f"{file}:11: cohort.arms.half[0].LabelCorruption",
        f"{file}:12: cohort.arms.long.interventions[0].LabelCorruption",
    ]


def test_a_study_that_is_written_is_read_back(file, tmp_path):
    study = load_study(file)
    (tmp_path / "again.yaml").write_text(dump(study.plain()), encoding="utf-8")
    assert load_study(tmp_path / "again.yaml") == study


# What follows breaks the file in every way it can think of. Whatever happens, the answer is a study or sentences.

SCALARS = [None, True, -1, 0, 10**18, 1.5, 1e300, "", "sgd", "a > b", "~", "é\u2028"]
JUNK = [*SCALARS, [], {}, [[]], [{}], {"a": 1}, ["clean"]]
BYTES = [b"\t", b"&a ", b"*a", b"!!", b": ", b"- ", b"{", b"]", b"?"]
KEYS = ["mlp", "sgd", "as", "arms", "ages", "LesionStudy", "where", "of", "interventions", "<<", "", "0", "a.b", "[0]"]


def spots(value, path=()):
    """Yield the path of everything within plain data."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from spots(child, (*path, key))


def mutated(data, rng):
    """Return the data with one thing deleted, retyped, renamed, nested, doubled or moved."""
    data = copy.deepcopy(data)
    path = rng.choice([path for path in spots(data) if path])
    holder = data
    for key in path[:-1]:
        holder = holder[key]
    key, value = path[-1], holder[path[-1]]
    match rng.randrange(6):
        case 0:
            del holder[key]
        case 1:
            holder[key] = rng.choice(JUNK)
        case 2 if isinstance(holder, dict):
            holder[rng.choice(KEYS)] = holder.pop(key)
        case 3:
            holder[key] = rng.choice([[value], {rng.choice(KEYS): value}, [value, value]])
        case 4 if isinstance(holder, dict):
            holder[rng.choice(KEYS)] = rng.choice([copy.deepcopy(value), *JUNK])
        case _:
            other = data
            for step in rng.choice(list(spots(data))):
                other = other[step]
            holder[key] = copy.deepcopy(other)
    return data


def outcome(path, *arguments):
    """Return the study or what was refused; any other error fails the test that asks."""
    try:
        return load_study(path, *arguments)
    except SpecificationError as error:
        return error


def is_answer(found, *sources):
    """Tell whether it is a study, or sentences that all name one of the sources."""
    if isinstance(found, Study):
        return True
    return bool(found.problems) and all(any(name in problem.where for name in sources) for problem in found.problems)


fuzz = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fuzz
@given(st.integers(0, 2**32), st.integers(1, 4))
def test_no_change_of_structure_makes_it_fall_over(file, text, seed, times):
    rng = random.Random(seed)
    data = parse(text, "").bare()
    for _ in range(times):
        data = mutated(data, rng)
    file.write_text(dump(data), encoding="utf-8")
    assert is_answer(outcome(file, "smoke"), str(file))


@fuzz
@given(st.data())
def test_no_change_of_text_makes_it_fall_over(file, text, data):
    content = text.encode()
    begin = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(begin, min(len(content), begin + 20)))
    junk = data.draw(st.binary(max_size=10) | st.sampled_from(BYTES))
    file.write_bytes(content[:begin] + junk + content[end:])
    assert is_answer(outcome(file, "smoke"), str(file))


@fuzz
@given(st.text(max_size=60) | st.from_regex(r"[a-zA-Z.\[\]0-9]{1,30}=[a-z0-9\[{: ,]{0,10}", fullmatch=True))
def test_no_setting_makes_it_fall_over(file, setting):
    assert is_answer(outcome(file, None, [setting]), "--set", str(file))


def test_most_mutations_are_refused(file, text):
    rng = random.Random(0)
    data = parse(text, "").bare()
    refused = 0
    for _ in range(60):
        file.write_text(dump(mutated(data, rng)), encoding="utf-8")
        refused += isinstance(outcome(file), SpecificationError)
    assert refused > 30  # else the mutations above would try nothing

from artneuro.errors import ArtneuroError, Problem, SpecificationError


def test_problem_reads_as_a_sentence_with_advice():
    problem = Problem("batch", "a whole number >= 1", "0", "Take 128.")
    assert str(problem) == "batch: required a whole number >= 1; came 0. Take 128."


def test_a_problem_without_a_place_begins_with_what_was_required():
    assert str(Problem("", "a list", "3")) == "required a list; came 3."


def test_within_prefixes_fields_and_places():
    assert Problem("lr", "", "").within("optimizer").where == "optimizer.lr"
    assert Problem("[2]", "", "").within("keep").where == "keep[2]"
    assert Problem("", "", "").within("keep").where == "keep"
    assert Problem("keep", "", "").within("").where == "keep"


def test_specification_error_says_everything_that_is_wrong():
    error = SpecificationError([Problem("a", "x", "y"), Problem("b", "x", "y")])
    assert isinstance(error, ArtneuroError)
    assert [line.split(":")[0] for line in str(error).splitlines()] == ["a", "b"]

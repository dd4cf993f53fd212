"""Permutation groups."""

from artneuro.environment import environment


def test_composition_and_signs_are_those_of_permutations():
    place = environment("permutation_group", n=3)
    odd = {"021", "102", "210"}
    for stimuli in (place.train, place.test):
        signs = stimuli.quantities
        for number, (image, target) in enumerate(zip(stimuli.images[:, 0], stimuli.targets.tolist(), strict=True)):
            first, second = (place.classes[token] for token in image.argmax(1).tolist())
            composed = "".join(second[int(thing)] for thing in first)
            assert place.classes[target] == composed
            for name, one in (("sign1", first), ("sign2", second), ("sign", composed)):
                assert signs[name][number].item() == (-1 if one in odd else 1)
    assert (signs["sign"] == signs["sign1"] * signs["sign2"]).all()


def test_four_things_have_576_pairs():
    place = environment("permutation_group")
    assert (len(place.train), len(place.test), len(place.classes)) == (461, 115, 24)
    assert len(set(place.train.index.tolist()) | set(place.test.index.tolist())) == 576

import json

import pytest

from artneuro import identity
from artneuro.errors import RecordError

FACTS = {"arm": "control", "seed": 1, "rearing": {"epochs": 3, "lr": 0.1}, "interventions": []}


def test_what_was_written_is_read(tmp_path):
    identity.write(FACTS, tmp_path)
    assert identity.read(tmp_path) == FACTS


def test_every_changed_character_is_told_or_nothing_anybody_reads(tmp_path):
    identity.write(FACTS, tmp_path)
    path = tmp_path / identity.NAME
    whole, refused = path.read_bytes(), 0
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            assert identity.read(tmp_path) == FACTS  # white space
        except RecordError as refusal:
            assert str(path) in str(refusal)
            refused += 1
    assert refused > 100


@pytest.mark.parametrize("text", ["", "[1]", "{}", "7", json.dumps(FACTS), json.dumps({**FACTS, "sha256": 7})])
def test_what_has_no_seal_is_none_of_ours(tmp_path, text):
    (tmp_path / identity.NAME).write_text(text)
    with pytest.raises(RecordError, match=f"{tmp_path / identity.NAME}: "):
        identity.read(tmp_path)

"""Accounts: a figure as the page shows it."""

import base64

from artneuro.study.account import Picture


def test_an_svg_is_an_image_in_the_page():
    svg = b'<?xml version="1.0"?>\n<svg width="460.8pt" height="337.05pt" viewBox="0 0 1 1"/>'
    picture = Picture("curve", svg=svg)
    kind, _, content = picture.source.partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(content) == svg
    assert picture.size == (614, 449)  # points to pixels: 4 / 3


def test_an_svg_without_a_size_has_none():
    assert Picture("curve", svg=b"<svg viewBox='0 0 1 1'/>").size is None

"""Text by agents and data is shown, and does nothing."""

import pytest

from alphaforge.core.inert import inert


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 5 > 3", "plain words, 5 > 3"),
        ("\u00fc \u4e2d \u20ac", "\u00fc \u4e2d \u20ac"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb\ufeffc", "a\\u200bb\\ufeffc"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("line\nline\r\ttab\x00", "line\\u000aline\\u000d\\u0009tab\\u0000"),
        ("\u2028\u2029\ue000", "\\u2028\\u2029\\ue000"),
        ("\U000e0041", "\\ue0041"),
    ],
    ids=["plain", "letters", "bidi", "zero width", "terminal", "lines", "separators", "tags"],
)
def test_A13_hidden_characters_are_written_out(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_A13_a_long_text_is_cut_and_says_so() -> None:
    shown = inert("x" * 5000, 10)
    assert shown == "x" * 10 + "... (5000 characters)"
    assert inert("x" * 10, 10) == "x" * 10

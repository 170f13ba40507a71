"""Notes of many variants: none is lost, none is said twice."""

from alphaforge.tools.batch_notes import together


def test_what_all_say_is_said_once_and_the_rest_with_how_many_say_it() -> None:
    found = together(
        [
            ("rows left out: 2", "3 of 90 decisions are flat", "the book was ruined"),
            ("rows left out: 2", "5 of 90 decisions are flat"),
            ("rows left out: 2", "orders too small to be done: 4"),
        ]
    )
    assert found == [
        "rows left out: 2",
        "2 of 3 variants, each with its own figures: 3 of 90 decisions are flat",
        "1 of 3 variants: the book was ruined",
        "1 of 3 variants: orders too small to be done: 4",
    ]


def test_one_variant_says_what_it_says_alone() -> None:
    assert together([("a 1", "a 2")]) == ["a 1", "a 2"]
    assert together([]) == []

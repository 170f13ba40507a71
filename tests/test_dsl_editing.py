"""What editors are told, without an editor: places, hovers, offers, names, fixes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphaforge.core.diagnostics import Severity
from alphaforge.core.errors import InvalidInputError
from alphaforge.dsl import compile_text
from alphaforge.dsl.editing.about import statement_line
from alphaforge.dsl.editing.completion import Item, Sort, item_text, offer_at
from alphaforge.dsl.editing.fixes import applied, mended
from alphaforge.dsl.editing.hover import hover_at
from alphaforge.dsl.editing.names import definition_span, name_at, renamed, uses_of
from alphaforge.dsl.editing.positions import Lines, Position
from alphaforge.dsl.editing.signatures import signature_at
from alphaforge.dsl.editing.survey import survey
from alphaforge.dsl.editing.symbols import outline, whole
from alphaforge.dsl.layout import format_text
from alphaforge.dsl.nodes import Node, Parameter
from alphaforge.dsl.shape import shape_of
from alphaforge.dsl.statement import specs
from alphaforge.dsl.strategy import Strategy, strategy_text
from alphaforge.tests.golden_pairs import pairs
from alphaforge.tests.trees import CATALOGUE, strategies, tries

TEXT = """\
# Up here: ret, ts_mean.
strategy s {
  doc "ret \u03c0 \U0001f600"
  data      perps_1h bar 4h
  universe  top 10 by ts_mean(quote_volume, 30d)
  let       ret = returns(close)
  let       day = 24h
  factor    calm = -ts_std(ret, bars=day) |> zscore
  signal    calm + 0.5 * rank(-ret) |> winsorize(2)
  portfolio long_short quantile 20%, gross 1
  costs     taker 5bp
}
"""
WRONG = [pair.text for pair in pairs("dsl_faults.txt")]


def hover(text: str, part: str, skip: int = 0) -> str:
    found = hover_at(survey(text, CATALOGUE), text.index(part) + skip, CATALOGUE)
    return found.text if found else ""


def items(text: str, part: str = "") -> tuple[Item, ...]:
    """Return what is offered right behind a part; without one, at the end."""
    at = text.index(part) + len(part) if part else len(text)
    return offer_at(survey(text, CATALOGUE), at, CATALOGUE).items


def labels(text: str, part: str = "") -> set[str]:
    return {item.label for item in items(text, part)}


# Positions


@given(st.text(st.sampled_from("ab \n\r\u00e9\u2028\U0001f600\ud800"), max_size=30), st.data())
@tries(300)
def test_places_and_characters_agree_in_every_encoding(text: str, data: st.DataObject) -> None:
    encoding = data.draw(st.sampled_from(["utf-8", "utf-16", "utf-32"]))
    lines = Lines(text, encoding)
    offset = data.draw(st.integers(0, len(text)))
    is_inside_line_end = text[offset - 1 : offset + 1] == "\r\n" and offset > 0
    if not is_inside_line_end:
        assert lines.offset(*lines.position(offset)) == offset
    line, character = data.draw(st.integers(-2, 40)), data.draw(st.integers(-2, 80))
    assert 0 <= lines.offset(line, character) <= len(text)


def test_columns_count_utf_16_units_unless_agreed_otherwise() -> None:
    text = "a\n\u00e9\U0001f600x\r\ny"
    at = text.index("x")
    assert Lines(text).position(at) == Position(1, 3)
    assert Lines(text, "utf-8").position(at) == Position(1, 6)
    assert Lines(text, "utf-32").position(at) == Position(1, 2)
    assert Lines(text).position(text.index("y")) == Position(2, 0)
    assert Lines(text).offset(1, 2) == at - 1, "inside the pair of units is before it"
    assert Lines(text).offset(9, 9) == len(text)


# Hovers


def test_an_operator_says_its_call_doc_arguments_unit_warmup_and_example() -> None:
    said = hover(TEXT, "ts_std(ret")
    for part in ("ts_std(x, bars, min_periods=0)", "ddof 1", "`bars`: a duration", "from 2 to"):
        assert part in said
    assert "Gives numbers, in the unit of `x`. Warm-up: `bars` - 1." in said
    assert "also written `stddev`" in said
    assert "Example: `ts_std(returns(close), 24h)`" in said


def test_every_operator_and_macro_has_a_page_with_its_example() -> None:
    names = [*CATALOGUE.operators, *CATALOGUE.macros, *CATALOGUE.aliases]
    for name in names:
        said = hover(f"{name}(close)", name)
        assert "Example: `" in said, name
        example = said.rpartition("Example: `")[2].rstrip("`")
        assert compile_text(example, CATALOGUE).is_ok, name


def test_every_field_says_its_unit_and_every_statement_its_form() -> None:
    for name, info in CATALOGUE.fields.items():
        said = hover(name, name)
        assert f"{name}: " in said
        assert info.doc in said
    for keyword, spec in specs().items():
        assert spec.form in hover(f"strategy s {{\n{spec.form}\n}}", f"\n{keyword}", skip=1)


def test_names_say_their_formula_kind_unit_and_warmup() -> None:
    said = hover(TEXT, "calm + ")
    assert "factor calm = -ts_std(ret, bars=day) |> zscore" in said
    assert "panel, unit pure number, first answer after 6 bars" in said
    assert "A let: a duration." in hover(TEXT, "day)")
    assert "has a fault" in hover("strategy s {\nlet x = rank(clse)\nsignal x\n}", "x\n}")


def test_literals_words_arguments_and_marks_are_explained() -> None:
    assert hover(TEXT, "30d") == "`30d` is 180 bars of 4h."
    assert hover("ts_mean(close, 90m)", "90m") == "`90m` is no whole number of bars of 1h."
    assert hover(TEXT, "20%") == "`20%` is 0.2."
    assert hover(TEXT, "5bp") == "`5bp` is 0.0005."
    assert "A word of `portfolio`" in hover(TEXT, "quantile")
    assert "The argument `bars` of `ts_std" in hover(TEXT, "bars=")
    assert "is `f(x, y)`" in hover(TEXT, "|> zscore")
    assert "zscore(x)" in hover(TEXT, "zscore")
    assert "returns(x, bars=1)" in hover("rank(returns)", "returns")


@pytest.mark.parametrize("part", ["Up here", "ret \u03c0", "{", "\n  data"])
def test_comments_strings_and_blanks_say_nothing(part: str) -> None:
    assert hover(TEXT, part) == ""


# Offers


def test_a_statement_starts_with_a_keyword_and_its_form_as_a_snippet() -> None:
    for text in (
        "strategy s {\n  ",
        "strategy s { signal rank(close)\n  por",
        "strategy s {signal x;",
    ):
        found = items(text)
        assert {item.label for item in found} == set(specs()), text
        for item in found:
            form = item.snippet.replace("${1:", "").removesuffix("}").replace("\\}", "}")
            assert form == specs()[item.label].form


def test_inside_a_statement_its_own_words_are_offered() -> None:
    assert labels(TEXT, "portfolio ") == set(specs()["portfolio"].words)
    assert labels("strategy s { costs funding ") == {"on", "off"}
    assert "quote_volume" in labels(TEXT, "top 10 by ")
    assert "quote_volume" not in labels(TEXT, "universe  ")
    assert not labels(TEXT, "strategy ")
    assert not labels(TEXT, "  let ")
    assert not labels("strategy s { signal rank(close) }\n")


def test_formulas_are_offered_names_fields_operators_macros_and_arguments() -> None:
    found = {item.label: item for item in items(TEXT, "signal    ")}
    assert {"ret", "calm", "day", "close", "ts_mean", "stddev", "ts_av_diff"} <= set(found)
    assert found["ts_mean"].snippet == "ts_mean(${1:x}, ${2:24h})"
    assert found["max"].snippet == "max(${1:x}, ${2:y})"
    assert found["ret"].sort is Sort.NAME
    assert "ret" not in labels(TEXT, "let       ret = "), "a name does not use itself"
    inside = {item.label: item for item in items("ts_mean(close, ")}
    assert inside["min_periods"].text == "min_periods="
    assert "x" not in inside
    assert "min_periods" not in labels("ts_mean(close, min_periods=3, bars=")


def test_behind_a_pipe_only_calls_are_offered_without_what_comes_through_it() -> None:
    found = {item.label: item for item in items("close |> ")}
    assert "close" not in found
    assert found["ts_mean"].snippet == "ts_mean(${1:24h})"
    assert found["zscore"].snippet == "zscore"


def test_a_call_that_has_its_bracket_gets_no_second_one() -> None:
    text = "ts_me(close, 3)"
    (found,) = [item for item in items(text, "ts_me") if item.label == "ts_mean"]
    assert found.snippet == ""


def test_the_words_an_argument_takes_are_offered_in_quotes() -> None:
    assert {'"gaussian"', '"uniform"', '"cauchy"'} <= labels("quantile(close, driver=")
    assert '"cauchy"' in labels("quantile(close, ")
    assert '"cauchy"' not in labels("quantile(")


@pytest.mark.parametrize("text", ["rank(close) # ra", 'strategy s { doc "ra', "strategy s { # ra"])
def test_nothing_is_offered_in_comments_and_strings(text: str) -> None:
    assert items(text) == ()


def test_every_snippet_of_a_call_compiles_once_its_places_are_filled() -> None:
    calls = [item for item in items("rank(") if item.sort in {Sort.OPERATOR, Sort.MACRO}]
    assert len(calls) == len(CATALOGUE.operators) + len(CATALOGUE.macros)
    for item in calls:
        assert item.label in item_text(item.label, item.sort, None, CATALOGUE)
        cls = CATALOGUE.operators.get(item.label)
        filled = item.snippet
        for place in re.finditer(r"\$\{[0-9]+:([^}]*)\}", item.snippet):
            filled = filled.replace(place[0], _filler(place[1], cls))
        found = compile_text(filled, CATALOGUE).diagnostics
        codes = {found_.code for found_ in found if found_.severity is Severity.ERROR}
        # `bucket` alone is groups, and no signal.
        assert codes <= {"AF236"}, (filled, found)


def _filler(word: str, cls: type[Node] | None) -> str:
    """Return a value that an argument can have."""
    if word == "24h":
        return word
    takes = shape_of(cls).takes.get(word, Parameter.NODE) if cls else Parameter.NODE
    if word in (cls.group_inputs if cls else {"group"}):
        return "bucket(close / open, 3)"
    if takes is Parameter.NODE:
        boolean = cls is not None and (
            cls.name.endswith("_") or word in {"condition", "trigger", "exit"}
        )
        return "close / open > 1" if boolean else "close / open"
    low, _ = cls.ranges.get(word, (3, 3)) if cls else (3, 3)
    return f"{max(low, 0.2):g}" if takes is Parameter.NUMBER else f"{max(low, 3):g}"


def test_the_call_around_the_cursor_is_shown_with_its_argument() -> None:
    def at(text: str) -> tuple[str, int | None]:
        found = signature_at(text, len(text), CATALOGUE)
        assert found is not None
        return found.label, found.active

    label = "ts_mean(x, bars, min_periods=0)"
    assert at("ts_mean(") == (label, 0)
    assert at("rank(ts_mean(close, ") == (label, 1)
    assert at("ts_mean((close + ") == (label, 0)
    assert at("close |> ts_mean(") == (label, 1)
    assert at("ts_mean(close, min_periods=") == (label, 2)
    assert at("mean(rank(close), 24h, 3, ") == (label, None)
    assert at("max(close, open, ") == ("max(x, y, ...)", 0)
    assert at("ts_av_diff(close, ") == ("ts_av_diff(x, bars)", 1)
    assert signature_at("rank(close) ", 12, CATALOGUE) is None
    assert signature_at("nonsense(", 9, CATALOGUE) is None


# Names and outline


def test_a_name_is_followed_to_its_definition_and_its_uses_alone() -> None:
    known = survey(TEXT, CATALOGUE)
    offset = TEXT.index("-ret") + 1
    assert name_at(known, offset) == "ret"
    span = definition_span(known, "ret")
    assert span is not None
    assert span.start == TEXT.index("ret = ")
    shown = [TEXT[use.start - 4 : use.end] for use in uses_of(known, "ret")]
    assert shown == ["    ret", "std(ret", "nk(-ret"]
    assert name_at(known, TEXT.index("ts_std")) == ""
    assert name_at(known, TEXT.index("bars=")) == ""


def test_a_name_that_is_also_a_word_or_argument_elsewhere_is_renamed_alone() -> None:
    text = "strategy s {\nlet bars = 3\nlet top = returns\nuniverse top 5 by ts_mean(top, bars)\n"
    text += "signal ts_mean(top, bars=bars)\n}"
    known = survey(text, CATALOGUE)
    changed = applied(text, renamed(known, "bars", "n", CATALOGUE))
    assert "let n = 3" in changed
    assert "bars=n)" in changed
    changed = applied(text, renamed(known, "top", "ret", CATALOGUE))
    assert "top 5 by ts_mean(ret, bars)" in changed
    assert compile_text(changed, CATALOGUE).is_ok


@pytest.mark.parametrize("new", ["close", "ts_mean", "stddev", "ts_av_diff", "day", "A", "2x", ""])
def test_a_name_that_cannot_be_had_is_refused(new: str) -> None:
    with pytest.raises(InvalidInputError):
        renamed(survey(TEXT, CATALOGUE), "ret", new, CATALOGUE)


def test_a_broken_text_is_not_renamed_in() -> None:
    broken = TEXT.replace("rank(-ret)", "rank(-rte)")
    with pytest.raises(InvalidInputError):
        renamed(survey(broken, CATALOGUE), "ret", "r", CATALOGUE)


def test_renaming_keeps_the_meaning() -> None:
    before = compile_text(TEXT, CATALOGUE)
    for name in ("ret", "day", "calm"):
        changed = applied(TEXT, renamed(survey(TEXT, CATALOGUE), name, "other", CATALOGUE))
        assert compile_text(changed, CATALOGUE).fingerprint == before.fingerprint
        assert changed.count("other") == len(uses_of(survey(TEXT, CATALOGUE), name))


def test_the_outline_lists_the_statements_by_their_names() -> None:
    known = survey(TEXT, CATALOGUE)
    top = whole(known)
    assert top is not None
    assert (top.name, top.keyword) == ("s", "strategy")
    assert [item.name for item in outline(known)] == [
        *("doc", "data", "universe", "ret", "day", "calm", "signal", "portfolio", "costs")
    ]
    for item in outline(known):
        assert item.span.start <= item.name_span.start < item.name_span.end <= item.span.end
    assert outline(survey("rank(close)", CATALOGUE)) == ()


SWEEP = """\
strategy s {
  data      perps, okx = perps_okx bar 1h
  param     lookback in [12h, 24h, 48h]
  param     share = 20% in 10% .. 30% step 10%
  feature   trend = ts_mean(close, lookback) / close
  universe  all, where ts_mean(volume, lookback) > 0
  signal    rank(trend) + rank(okx.close / close)
  portfolio long_short quantile share
  backtest  2025-05-01 .. 2025-11-30, walk_forward train 90d test 30d
}
"""


def test_params_features_and_other_data_sets_are_known_as_well() -> None:
    assert format_text(SWEEP) == SWEEP
    assert "A param: a duration." in hover(SWEEP, "lookback)")
    assert "A feature: panel" in hover(SWEEP, "trend)")
    assert "okx.close: price" in hover(SWEEP, "okx.close")
    assert "A word of `backtest`" in hover(SWEEP, "walk_forward")
    for keyword in specs():
        assert len(statement_line(keyword)) > 10, keyword
    assert {"lookback", "share", "okx.volume"} <= labels(SWEEP, "trend = ")
    assert "trend" in labels(SWEEP, "signal    ")
    assert "walk_forward" in labels(SWEEP, "2025-11-30, ")
    known = survey(SWEEP, CATALOGUE)
    for name in ("lookback", "share", "trend"):
        changed = applied(SWEEP, renamed(known, name, "other", CATALOGUE))
        assert changed.count("other") == len(uses_of(known, name)) >= 2
        assert compile_text(changed, CATALOGUE).is_ok


# Fixes


@pytest.mark.parametrize("text", WRONG)
def test_fixing_all_leaves_fewer_errors_and_none_where_each_has_a_fix(text: str) -> None:
    def errors(text: str) -> int:
        found = compile_text(text, CATALOGUE).diagnostics
        return sum(item.severity is Severity.ERROR for item in found)

    before = compile_text(text, CATALOGUE).diagnostics
    fixable = [item for item in before if item.severity is Severity.ERROR and item.fix]
    better = mended(text, CATALOGUE)
    assert errors(better) <= errors(text)
    if len(fixable) == errors(text) == 1:
        assert errors(better) == 0


def test_fixes_that_overlap_are_not_both_made() -> None:
    text = "rank(clse) + rank(opn)"
    fixes = [item.fix for item in compile_text(text, CATALOGUE).diagnostics if item.fix]
    assert applied(text, [*fixes, *fixes]) == "rank(close) + rank(open)"


# Whatever state a text is in


@given(strategies(), st.data())
@tries(40)
def test_no_cut_or_edit_of_a_text_breaks_what_editors_ask(
    strategy: Strategy, data: st.DataObject
) -> None:
    text = strategy_text(strategy)
    at = data.draw(st.integers(0, len(text)))
    junk = data.draw(
        st.sampled_from(["", "(", '"', "}", "{", "#", "\n", "let ", "|> ", "\u00e9", ","])
    )
    end = data.draw(st.integers(at, len(text)))
    broken = text[:at] + junk + text[end:]
    known = survey(broken, CATALOGUE)
    for offset in {0, at, at + len(junk), len(broken), data.draw(st.integers(0, len(broken)))}:
        hover_at(known, offset, CATALOGUE)
        offer = offer_at(known, offset, CATALOGUE)
        assert offer.word.end == min(offset, len(broken))
        signature_at(broken, offset, CATALOGUE)
        name = name_at(known, offset)
        assert not name or definition_span(known, name) is not None
    outline(known)
    whole(known)

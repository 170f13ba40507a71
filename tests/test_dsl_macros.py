"""Operators that are formulas of others: written out, judged at the call, one meaning."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphaforge.core.errors import ConflictError
from alphaforge.dsl import Catalogue, compile_text, expression_text
from alphaforge.dsl.macro import MACROS, Macro, body_of, check_macros, macro
from alphaforge.packs.registry import load_package
from alphaforge.tests.golden_pairs import check, pairs
from alphaforge.tests.test_dsl_compile import codes, compiled
from alphaforge.tests.test_dsl_golden import told
from alphaforge.tests.trees import CATALOGUE, formulas, groups, tries

EACH = pytest.mark.parametrize("member", CATALOGUE.macros.values(), ids=lambda member: member.name)
# What each stands for, over other arguments than its own names.
SAME = {
    "clamp(returns, -0.1, 0.1)": "min(max(returns, -0.1), 0.1)",
    "densify(returns)": "returns",
    "fraction(volume)": "volume - sign(volume) * floor(abs(volume))",
    "group_backfill(returns, bucket(volume, 3), 8)": "fill(returns, group_sum(fill("
    "ts_backfill(returns, 8), 0), bucket(volume, 3)) / group_sum(not is_nan("
    "ts_backfill(returns, 8)), bucket(volume, 3)))",
    "inst_tvr(returns, 24h)": "ts_sum(abs(delta(returns, 1)), 24) / ts_sum(abs(returns), 24)",
    "inverse(volume)": "1 / volume",
    "jump_decay(returns, 24h, force=0.2)": "abs(delta(returns, 1)) > 0.5 * ts_std(returns, 24h)"
    " ? delay(returns, 1) + 0.2 * delta(returns, 1) : returns",
    "reverse(returns)": "-returns",
    "s_log_1p(returns)": "sign(returns) * log(1 + abs(returns))",
    "subtract(high, low)": "high - low",
    "tail(returns, -0.01, 0.01, 0)": "returns < 0.01 and returns > -0.01 ? 0 : returns",
    "ts_av_diff(returns, 24h)": "returns - ts_mean(returns, 24)",
    "ts_max_diff(returns, 24h)": "returns - ts_max(returns, 24)",
    "ts_min_diff(returns, bars=24h)": "returns - ts_min(returns, 24)",
    "ts_scale(returns, 24h)": "(returns - ts_min(returns, 24))"
    " / (ts_max(returns, 24) - ts_min(returns, 24))",
}


@EACH
def test_each_macro_can_be_read_and_has_a_doc_and_an_example_that_uses_it(member: Macro) -> None:
    assert body_of(member)
    assert member.doc.endswith(".")
    assert f"{member.name}(" in member.example
    assert compile_text(member.example, CATALOGUE).diagnostics == ()


@pytest.mark.parametrize(("short", "long"), SAME.items(), ids=SAME.keys())
def test_D7_a_macro_and_what_it_stands_for_share_a_fingerprint(short: str, long: str) -> None:
    assert compiled(short).fingerprint == compiled(long).fingerprint != ""
    name = short.partition("(")[0]
    assert name not in compiled(short).operators
    assert name in CATALOGUE.macros


@EACH
@given(data=st.data())
@tries(5)
def test_a_macro_of_any_arguments_is_its_formula_of_them(
    member: Macro, data: st.DataObject
) -> None:
    given_text = {
        name: f"({data.draw(argument_of(member, name))})" for name in member.shape.arguments
    }
    call = ", ".join(given_text[name] for name in member.shape.arguments)
    words = [given_text.get(token.text, token.text) for token in member.body]
    short = compile_text(f"{member.name}({call})", CATALOGUE)
    long = compile_text(" ".join(words), CATALOGUE)
    assert short.fingerprint == long.fingerprint
    assert short.is_ok == long.is_ok
    assert {item.code for item in short.diagnostics} == {item.code for item in long.diagnostics}


def argument_of(member: Macro, name: str) -> st.SearchStrategy[str]:
    """Grow the text of an argument; what it must be is told by its name."""
    if name == "bars":
        return st.integers(1, 40).map(str)
    if name == "group":
        return groups(1).map(expression_text)
    if name in member.defaults:
        return st.sampled_from(["0", "0.5", "2"])
    return formulas(2).map(expression_text)


def test_golden_faults_of_macros_are_told_at_the_call() -> None:
    assert len(pairs("dsl_macros_faults.txt")) >= 8
    check("dsl_macros_faults.txt", told)


def test_a_macro_may_be_piped_into_and_take_lets() -> None:
    text = "strategy s { let day = 24h\n signal returns |> ts_av_diff(day) |> rank }"
    bare = compiled("rank(returns - ts_mean(returns, 24))")
    assert compiled(text).signal_fingerprint == bare.signal_fingerprint


def test_units_and_warm_up_come_out_of_what_is_written_out() -> None:
    found = compiled("rank(ts_scale(close, 24h))")
    assert not found.is_scale_dependent
    assert found.warmup_bars == 23
    assert compile_text("rank(ts_av_diff(close, 24h))", CATALOGUE).is_scale_dependent
    assert compile_text("rank(group_sum_like(close))", sum_like()).is_scale_dependent


def sum_like() -> Catalogue:
    """Return a catalogue in which a macro itself compares instruments, one that uses another."""
    deep = made("group_sum_like(x) = rank(flip(x))")
    return CATALOGUE.with_pack("p", "1", (), (), [deep, made("flip(x) = reverse(x)")])


def made(text: str) -> Macro:
    """Make a macro and take it out of the registry again: others must not meet it."""
    member = macro("tests", text, doc="A macro of the tests.", example="close")
    del MACROS._members[member.name], MACROS._places[member.name]
    return member


def test_a_macro_may_use_another_and_what_is_wrong_names_both() -> None:
    catalogue = CATALOGUE.with_pack(
        "p",
        "1",
        (),
        (),
        [made("outer(x, bars) = inner(x, bars) * 2"), made("inner(x, bars) = ts_sum(x, bars)")],
    )
    assert compiled("outer(returns, 3)", catalogue).canonical == "2 * ts_sum(returns(close), 3)"
    (found,) = compile_text("outer(returns, 0)", catalogue).diagnostics
    assert found.message.endswith(", in `inner`, in `outer`")
    assert found.span is not None
    assert (found.span.start, found.span.end) == (15, 16)


def test_macros_in_a_circle_or_of_unknown_names_are_refused() -> None:
    circle = {"a": made("a(x) = b(x)"), "b": made("b(x) = rank(a(x))")}
    with pytest.raises(ConflictError, match="`a` uses `b` uses `a`"):
        check_macros(circle, CATALOGUE.operators)
    for text in ("a(x) = ranks(x)", "a(x) = x |> ranks", "a(x) = x |> ranks(1)"):
        with pytest.raises(ConflictError, match="names `ranks`"):
            check_macros({"a": made(text)}, CATALOGUE.operators)


@pytest.mark.parametrize("text", ["a", "a(x)", "a(x) =", "a(x, x) = x", "a(x=y) = x", "a(1) = x"])
def test_a_text_that_is_no_macro_is_refused(text: str) -> None:
    with pytest.raises(ConflictError, match="is no macro"):
        made(text)


def test_a_name_of_a_macro_cannot_be_had() -> None:
    assert codes("strategy s { let reverse = close\n signal reverse }") == ["AF220"]
    with pytest.raises(ConflictError):
        CATALOGUE.with_pack("p", "1", (), (), [made("rank(x) = x")])
    with pytest.raises(ConflictError):
        CATALOGUE.with_pack("p", "1", (), (), [made("inverse(x) = x")])
    assert replace(CATALOGUE).macros == CATALOGUE.macros


def test_a_towering_call_of_macros_is_stopped_like_any_other() -> None:
    text = "returns"
    for _ in range(10):
        text = f"ts_scale({text}, 3)"
    assert [item.code for item in compile_text(text, CATALOGUE).diagnostics] == ["AF123"]


def test_a_pack_brings_macros(tmp_path: Path) -> None:
    folder = tmp_path / "afmacros"
    (folder / "macros").mkdir(parents=True)
    manifest = "PACK = Pack('afmacros', '1.0', 'a pack', core_min='0.1', core_below='9')\n"
    (folder / "__init__.py").write_text(f"from alphaforge.packs import Pack\n{manifest}")
    (folder / "macros" / "__init__.py").write_text("")
    member = "macro(__name__, 'af_twice(x) = 2 * x', doc='Twice.', example='af_twice(close)')\n"
    (folder / "macros" / "twice.py").write_text(f"from alphaforge.dsl.macro import macro\n{member}")
    sys.path.insert(0, str(tmp_path))
    try:
        found = load_package(__import__("afmacros"))
    finally:
        sys.path.remove(str(tmp_path))
        MACROS._members.pop("af_twice", None)
    grown = CATALOGUE.with_pack("afmacros", "1.0", (), (), found.macros.values())
    assert compiled("af_twice(returns)", grown).canonical == "2 * returns(close)"

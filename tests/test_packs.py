"""Packs: what a good one supplies, and that a bad one is refused while the rest keeps working."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from alphaforge.core.errors import ConflictError
from alphaforge.core.home import Home
from alphaforge.dsl.catalogue import Catalogue
from alphaforge.dsl.compile import compile_text
from alphaforge.packs import Pack, extend, find_packs
from alphaforge.packs.registry import load_package
from alphaforge.runs.engine import engine_of
from alphaforge.server.compose import open_catalogue, read_lock


def pack_at(folder: Path, name: str, manifest: str) -> ModuleType:
    """Write a pack's package and import it under a name of its own."""
    package = folder / name
    package.mkdir()
    head = "from alphaforge.packs import Pack\n"
    (package / "__init__.py").write_text(head + manifest, encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        return __import__(name)
    finally:
        sys.path.remove(str(folder))


def test_midfreq_supplies_operators_fields_and_templates() -> None:
    (midfreq,) = [item for item in find_packs().loaded if item.pack.name == "midfreq"]
    assert midfreq.operators
    assert {field.name for field in midfreq.pack.fields} >= {"open_interest_base"}
    assert {template.name for template in midfreq.templates} >= {"midfreq_reversal"}


@pytest.mark.parametrize(
    "statement",
    [
        "signal parkinson(high, low, 24h)",
        "universe top 3 by -parkinson(high, low, 24h)",
        "universe all, where parkinson(high, low, 24h) < 1",
        "portfolio long_short, max_group bucket(parkinson(high, low, 24h), 2) 50%",
    ],
)
def test_a_pack_is_part_of_the_engine_wherever_its_operators_stand(statement: str) -> None:
    catalogue, _ = extend(Catalogue.builtin(), find_packs())
    signal = "" if statement.startswith("signal") else "signal returns(close, 24h)"
    plain = compile_text("returns(close, 24h)", catalogue).require()
    made = compile_text(f"strategy s {{\n{statement}\n{signal}\n}}", catalogue)
    assert engine_of(made.require()) != engine_of(plain)


def test_an_operator_of_a_pack_is_unknown_without_it() -> None:
    plain = Catalogue.builtin()
    extended, packs = extend(plain, find_packs())
    name = min(packs.loaded[0].operators)
    assert name not in plain.operators
    assert name in extended.operators


def test_a_text_may_ask_for_a_version_of_a_pack_and_is_told_when_it_is_older() -> None:
    catalogue, _packs = extend(Catalogue.builtin(), find_packs())
    text = (
        "strategy s {{\n use midfreq >= {}\n data d bar 1h\n signal rank(close)\n"
        " portfolio weights\n}}"
    )
    assert compile_text(text.format("0.1"), catalogue).is_ok
    refused = compile_text(text.format("9.0"), catalogue)
    assert not refused.is_ok
    assert "midfreq" in refused.diagnostics[0].message


def test_a_pack_for_another_core_is_refused_with_both_versions(tmp_path: Path) -> None:
    manifest = "PACK = Pack('afold', '1.0', 'old', core_min='7.0', core_below='8.0')\n"
    with pytest.raises(ConflictError, match=r"core >= 7.0, < 8.0; this is"):
        load_package(pack_at(tmp_path, "afold", manifest))


def test_a_package_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConflictError, match="has no `PACK"):
        load_package(pack_at(tmp_path, "afbare", ""))


def test_a_good_pack_loads_and_its_hash_follows_its_bytes(tmp_path: Path) -> None:
    manifest = "PACK = Pack('afgood', '1.0', 'good', core_min='0.1', core_below='0.2')\n"
    package = pack_at(tmp_path, "afgood", manifest)
    before = load_package(package)
    assert before.pack == Pack("afgood", "1.0", "good", core_min="0.1", core_below="0.2")
    (tmp_path / "afgood" / "extra.py").write_text("X = 1\n", encoding="utf-8")
    assert load_package(package).content_hash != before.content_hash


def test_the_lock_of_a_fresh_home_trusts_nobody(tmp_path: Path) -> None:
    assert read_lock(Home(tmp_path)) == {}
    _catalogue, packs = open_catalogue(Home(tmp_path))
    assert packs.refused == ()

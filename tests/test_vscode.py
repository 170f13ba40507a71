"""The VS Code folder: whole, up to date, and colouring with VS Code's own engine where it is there.

The engine needs node and the modules `vscode-textmate` and `vscode-oniguruma` (NODE_PATH).
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from alphaforge.dsl.statement import specs
from alphaforge.packs.origins import known
from alphaforge.tests.helpers import REPO

FOLDER = REPO / "editors" / "vscode"
CATALOGUE, _ = known()
NODE = shutil.which("node")
TEXT = """\
# top: ts_mean
strategy s {
  doc "a \\" b # no" # yes
  data      perps_1h, okx = perps_okx bar 1h
  universe  top 10 by ts_mean(quote_volume, 30d)
  let       ret = returns(close)
  signal    delay(ret, bars=1) + 0.5 > 20% and okx.close < 5bp ? ret : .25
    |> winsorize(2)
  delay     1
  backtest  2025-05-01 .. 2025-11-30
}
"""
COLOURS = {
    "# top: ts_mean": "comment.line",
    "strategy": "keyword.control",
    "s": "entity.name.type",
    "# yes": "comment.line",
    "b # no": "string.quoted",
    "data": "keyword.control",
    "bar": "keyword.other",
    "1h": "constant.numeric.duration",
    "top": "keyword.other",
    "ts_mean": "support.function",
    "quote_volume": "support.variable",
    "let": "keyword.control",
    "returns": "support.function",
    "signal": "keyword.control",
    "bars": "variable.parameter",
    "0.5": "constant.numeric",
    "20%": "constant.numeric.share",
    "and": "keyword.operator.logical",
    "okx.close": "support.variable",
    "|>": "keyword.operator.pipe",
    "winsorize": "support.function",
    "2025-05-01": "constant.numeric.date",
}


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_extension", FOLDER / "write_extension.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_made_files_are_what_the_language_says_now() -> None:
    for name, text in writer().files().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, "`make docs`"


def test_the_manifest_names_files_that_are_there() -> None:
    manifest = read("package.json")
    parts = manifest["contributes"]
    named = [manifest["main"], parts["languages"][0]["configuration"]]
    named += [parts["grammars"][0]["path"], parts["snippets"][0]["path"]]
    for name in named:
        assert (FOLDER / name).is_file(), name
    assert parts["languages"][0]["extensions"] == [".af"]
    assert parts["grammars"][0]["scopeName"] == read(parts["grammars"][0]["path"])["scopeName"]
    script = (FOLDER / "extension.js").read_text(encoding="utf-8")
    for setting in ("executable", "home"):
        assert f"alphaforge.{setting}" in parts["configuration"]["properties"]
        assert f'"{setting}"' in script
    for command in parts["commands"]:
        assert f'"{command["command"]}"' in script
    assert {"comments", "brackets", "autoClosingPairs"} <= set(read("language-configuration.json"))


def test_the_grammar_covers_every_word_and_its_patterns_can_be_read() -> None:
    repository = read("syntaxes/alphaforge.tmLanguage.json")["repository"]

    def fits(rule: str, text: str) -> bool:
        # Python knows one width of look-behind at a time; here no branch of one matters.
        pattern = repository[rule]["match"].replace("(?:^|(?<=[;{]))", "^")
        return re.search(pattern, text) is not None

    for keyword in specs():
        assert fits("statements", f"  {keyword} x"), keyword
        assert not fits("statements", f"  {keyword}(x)"), keyword
    for name in [*CATALOGUE.operators, *CATALOGUE.macros, *CATALOGUE.aliases]:
        assert fits("operators", f"{name}(x)"), name
        assert fits("piped", f"x |> {name}"), name
    for name in CATALOGUE.fields:
        assert fits("fields", name), name
    for spec in specs().values():
        assert all(fits("settings", word) for word in spec.words), spec.keyword


def test_the_snippets_are_the_forms() -> None:
    found = read("snippets.json")
    assert set(found) == {"strategy", *specs()}


def test_the_script_is_javascript() -> None:
    if NODE is None:
        pytest.skip("NODE ABSENT: extension.js was not checked")
    for script in ("extension.js", "test/tokenize.js"):
        done = subprocess.run([NODE, "--check", str(FOLDER / script)], timeout=30, check=False)
        assert done.returncode == 0


def test_texts_are_coloured_as_meant_by_the_engine_of_the_editor() -> None:
    if NODE is None:
        pytest.skip("NODE ABSENT: nothing was coloured")
    done = subprocess.run(
        [NODE, str(FOLDER / "test" / "tokenize.js")],
        input=TEXT,
        capture_output=True,
        text=True,
        env=dict(os.environ),  # noqa: TID251  # Where node finds its modules.
        timeout=30,
        check=False,
    )
    if "Cannot find module" in done.stderr:
        pytest.skip("TEXTMATE ABSENT: npm install vscode-textmate vscode-oniguruma, set NODE_PATH")
    pieces: list[tuple[str, str]] = [(text, scope) for text, scope in json.loads(done.stdout)]
    first = dict(reversed(pieces))
    for text, scope in COLOURS.items():
        assert first[text].startswith(scope), (text, first.get(text))
    delays = [scope for text, scope in pieces if text == "delay"]
    assert [scope.partition(".")[0] for scope in delays] == ["support", "keyword"]


def test_every_made_file_is_outside_the_wheel() -> None:
    config = (REPO / "pyproject.toml").read_text(encoding="utf-8")
    assert "editors" not in config.partition("[tool.setuptools]")[2].partition("[tool.pytest")[0]
    assert Path(FOLDER / "README.md").is_file()

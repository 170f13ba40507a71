"""The language server as an editor meets it: a process of its own, over stdio."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from alphaforge.dsl import compile_text
from alphaforge.dsl.layout import format_text
from alphaforge.tests.helpers import REPO
from alphaforge.tests.lsp_client import URI, Editor, edited, editor, place
from alphaforge.tests.tool_lab import environment
from alphaforge.tests.trees import CATALOGUE

TEXT = """\
strategy s {
  doc "r\u00e9sum\u00e9 \U0001f600"; let ret = returns(close)
  signal rank(ret) + ts_mean(ret, 24h)
}
"""
LAYOUT = {"tabSize": 2, "insertSpaces": True}
SNIPPETS = {"textDocument": {"completion": {"completionItem": {"snippetSupport": True}}}}
pytestmark = pytest.mark.timeout(60)


def actions(client: Editor, text: str, part: str, *only: str) -> list[dict[str, Any]]:
    at = place(text, part)
    found: list[dict[str, Any]] = client.result(
        "textDocument/codeAction",
        range={"start": at, "end": at},
        context={"diagnostics": [], **({"only": list(only)} if only else {})},
    )
    return found


def test_findings_have_codes_pages_severity_help_and_utf_16_places(tmp_path: Path) -> None:
    text = 'strategy s { doc "\U0001f600\u00e9"; let x = close; signal rank(clse) + close\n}'
    with editor(tmp_path) as client:
        assert client.capabilities["positionEncoding"] == "utf-16"
        client.open(text)
        found = client.findings(1)
        (unknown,) = [item for item in found if item["code"] == "AF102"]
        assert unknown["range"] == {
            "start": place(text, "clse"),
            "end": place(text, "clse", after=True),
        }
        assert unknown["range"]["start"]["character"] == text.index("clse") + 1
        assert unknown["severity"] == 1
        assert unknown["source"] == "alphaforge"
        assert "did you mean `close`?" in unknown["message"]
        page, _, anchor = unknown["codeDescription"]["href"].partition("#")
        assert page == (REPO / "docs" / "errors.md").as_uri()
        assert anchor == "af102-unknown-field"
        client.change(2, {"text": text.replace("clse", "close")})
        severities = {item["code"]: item["severity"] for item in client.findings(2)}
        assert severities == {"AF301": 2, "AF302": 2, "AF304": 3}
        assert client.leave() == 0


def test_an_editor_that_counts_bytes_gets_bytes(tmp_path: Path) -> None:
    text = 'strategy s { doc "\U0001f600\u00e9"; signal rank(clse) }'
    with editor(tmp_path, general={"positionEncodings": ["utf-8", "utf-16"]}) as client:
        assert client.capabilities["positionEncoding"] == "utf-8"
        client.open(text)
        (found,) = client.findings(1)
        assert found["range"]["start"]["character"] == len(text.partition("clse")[0].encode())


def test_fixes_come_as_actions_that_make_the_text_compile(tmp_path: Path) -> None:
    text = TEXT.replace("ts_mean", "ts_mena").replace("rank(ret)", "rank(rte)")
    with editor(tmp_path) as client:
        client.open(text)
        assert {item["code"] for item in client.findings(1)} >= {"AF103"}
        quick = actions(client, text, "ts_mena", "quickfix")
        assert [item["title"] for item in quick] == ["Write `ts_mean` for `ts_mena`"]
        assert quick[0]["isPreferred"]
        one = edited(text, quick[0]["edit"]["changes"][URI])
        assert one == text.replace("ts_mena", "ts_mean")
        (all_,) = actions(client, text, "strategy", "source")
        assert all_["kind"] == "source.fixAll"
        assert edited(text, all_["edit"]["changes"][URI]) == TEXT
        assert len(actions(client, text, "rte")) == 2
        client.change(2, {"text": TEXT})
        assert client.findings(2) == []
        assert actions(client, TEXT, "rank") == []


def test_hover_completion_and_signatures_answer_through_the_protocol(tmp_path: Path) -> None:
    with editor(tmp_path, **SNIPPETS) as client:
        client.open(TEXT)
        hover = client.result("textDocument/hover", position=place(TEXT, "ts_mean"))
        assert "ts_mean(x, bars, min_periods=0)" in hover["contents"]["value"]
        assert hover["range"]["start"] == place(TEXT, "ts_mean")
        assert client.result("textDocument/hover", position={"line": 99, "character": 0}) is None
        listed = client.result(
            "textDocument/completion", position=place(TEXT, "ts_me", after=True)
        )["items"]
        (mean,) = [item for item in listed if item["label"] == "ts_mean"]
        assert mean["textEdit"]["range"]["start"] == place(TEXT, "ts_mean")
        assert "documentation" not in mean
        full = client.ask("completionItem/resolve", mean)["result"]
        assert "Example:" in full["documentation"]["value"]
        (let,) = [item for item in listed if item["label"] == "ret"]
        full = client.ask("completionItem/resolve", let)["result"]
        assert "let ret = returns(close)" in full["documentation"]["value"]
        signed = client.result(
            "textDocument/signatureHelp", position=place(TEXT, "ts_mean(ret, ", after=True)
        )
        assert signed["activeParameter"] == 1
        shown = [item["label"] for item in signed["signatures"][0]["parameters"]]
        assert shown == ["x", "bars", "min_periods=0"]
        client.change(2, {"text": TEXT + "\n"}, {"text": TEXT.replace("rank(ret)", "r")})
        text = TEXT.replace("rank(ret)", "r")
        listed = client.result("textDocument/completion", position=place(text, "l r", after=True))
        (rank,) = [item for item in listed["items"] if item["label"] == "rank"]
        assert (rank["insertTextFormat"], rank["textEdit"]["newText"]) == (2, "rank(${1:x})")


def test_an_editor_without_snippets_gets_plain_words(tmp_path: Path) -> None:
    with editor(tmp_path) as client:
        client.open("ran")
        listed = client.result("textDocument/completion", position={"line": 0, "character": 3})
        (rank,) = [item for item in listed["items"] if item["label"] == "rank"]
        assert (rank["insertTextFormat"], rank["textEdit"]["newText"]) == (1, "rank")


def test_names_outline_and_layout_answer_through_the_protocol(tmp_path: Path) -> None:
    with editor(tmp_path) as client:
        client.open(TEXT)
        at = place(TEXT, "ts_mean(ret", after=True)
        there = client.result("textDocument/definition", position=at)
        assert there["uri"] == URI
        assert there["range"]["start"] == place(TEXT, "ret = ")
        assert client.result("textDocument/definition", position=place(TEXT, "rank")) is None
        uses = client.result(
            "textDocument/references", position=at, context={"includeDeclaration": False}
        )
        assert [use["range"]["start"] for use in uses] == [
            place(TEXT, "ret) +"),
            place(TEXT, "ret, 24h"),
        ]
        may = client.result("textDocument/prepareRename", position=at)
        assert may["end"] == at
        assert client.result("textDocument/prepareRename", position=place(TEXT, "rank")) is None
        done = client.result("textDocument/rename", position=at, newName="r1")
        changed = edited(TEXT, done["changes"][URI])
        before, after = compile_text(TEXT, CATALOGUE), compile_text(changed, CATALOGUE)
        assert changed.count("r1") == 3
        assert before.fingerprint == after.fingerprint
        refused = client.ask(
            "textDocument/rename",
            {"textDocument": {"uri": URI}, "position": at, "newName": "close"},
        )
        assert "`close` is taken already" in refused["error"]["message"]
        (top,) = client.result("textDocument/documentSymbol")
        assert top["name"] == "s"
        assert [item["name"] for item in top["children"]] == ["doc", "ret", "signal"]
        changes = client.result("textDocument/formatting", options=LAYOUT)
        assert edited(TEXT, changes) == format_text(TEXT) != TEXT


def test_a_hundred_quick_edits_end_in_the_findings_of_the_last_text(tmp_path: Path) -> None:
    text = TEXT
    with editor(tmp_path) as client:
        client.open(text)
        client.findings(1)
        for version in range(2, 102):
            # Typed behind the letters that take more than one unit, with a line end now and then.
            at = place(text, "\U0001f600", after=True)
            new = "\u00e9" if version % 10 else "\U0001f601"
            client.change(version, {"range": {"start": at, "end": at}, "text": new})
            text = text.replace("\U0001f600", "\U0001f600" + new, 1)
        end = place(text, "ret, 24h")
        client.change(102, {"range": {"start": place(text, "ts_mean"), "end": end}, "text": "rnk("})
        text = text.replace("ts_mean(", "rnk(")
        (found,) = client.findings(102)
        assert found["code"] == "AF103"
        assert found["range"]["start"] == place(text, "rnk")
        told = [item["params"].get("version") for item in client.said if "method" in item]
        assert len(told) < 50, "findings of texts that changed at once are not told"
        hover = client.result("textDocument/hover", position=place(text, "rank"))
        assert hover["range"]["start"] == place(text, "rank")
        assert client.leave() == 0


def test_broken_and_hostile_texts_do_not_end_the_server(tmp_path: Path) -> None:
    texts = [
        "",
        "\ud800",
        "strategy",
        "strategy s {",
        "((((" * 100,
        'strategy s { doc "',
        "rank(close) \u202e",
        "x" * 70_000,
        "\r\r\n\u2028\x00",
        "strategy s { let " + "a = b; let " * 900 + "}",
    ]
    with editor(tmp_path) as client:
        for version, text in enumerate(texts, 1):
            if version == 1:
                client.open(text)
            else:
                client.change(version, {"text": text})
            client.findings(version)
            where = {"line": 0, "character": len(text)}
            for method in ("hover", "completion", "signatureHelp", "definition", "prepareRename"):
                client.result(f"textDocument/{method}", position=where)
            client.result("textDocument/documentSymbol")
            client.result("textDocument/formatting", options=LAYOUT)
            client.result(
                "textDocument/codeAction",
                range={"start": {"line": 0, "character": 0}, "end": where},
                context={"diagnostics": []},
            )
        strange = {"start": {"line": 9, "character": 9}, "end": {"line": 0, "character": 0}}
        client.change(50, {"range": strange, "text": "rank(close)"})
        client.findings(50)
        client.tell("$/unheard", {"of": 1})
        assert client.ask("alphaforge/unheard", {})["error"]["code"] == -32601
        client.change(51, {"text": "rank(close / open)"})
        assert client.findings(51) == []
        assert client.leave() == 0


def test_a_text_over_the_ceiling_gets_one_finding(tmp_path: Path) -> None:
    with editor(tmp_path) as client:
        client.open("rank(close) + " * 6_000)
        (found,) = client.findings(1)
        assert found["code"] == "AF120"


def test_a_closed_text_has_no_findings_left(tmp_path: Path) -> None:
    with editor(tmp_path) as client:
        client.open("rank(clse)")
        assert client.findings(1)
        client.tell("textDocument/didClose", {"textDocument": {"uri": URI}})
        message = client.hear()
        assert message["params"] == {"uri": URI, "diagnostics": []}


def test_an_editor_that_goes_without_a_word_ends_the_server(tmp_path: Path) -> None:
    with editor(tmp_path) as client:
        assert client.process.stdin is not None
        client.process.stdin.close()
        assert client.process.wait(timeout=30) == 1


def test_findings_come_soon_after_an_edit(tmp_path: Path) -> None:
    with editor(tmp_path) as client:
        client.open(TEXT)
        client.findings(1)
        spans = []
        for version in range(2, 12):
            start = time.perf_counter()
            client.change(version, {"text": TEXT + "\n" * version})
            client.findings(version)
            spans.append(time.perf_counter() - start)
        assert sorted(spans)[5] < 0.5


def test_a_missing_extra_is_named_with_exit_code_3(tmp_path: Path) -> None:
    # Nothing can import a module whose place is taken by None.
    code = (
        "import sys\n"
        "sys.modules['pygls'] = None\n"
        "from alphaforge.__main__ import main\n"
        f"sys.argv = ['alphaforge', 'lsp', '--home', {str(tmp_path)!r}]\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert "pip install 'alphaforge[lsp]'" in done.stderr
    assert done.stdout == ""

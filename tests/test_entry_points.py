"""Every way in asks the gate (SAFETY P6): tools, commands and gateway actions, none left out.

A new way in that is not listed by these enumerations, or that works before it asks, fails here.
"""

import argparse
import ast
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, MCPError

import alphaforge.server.compose as composition
from alphaforge.__main__ import _evals
from alphaforge.core.clock import SystemClock
from alphaforge.core.errors import RefusedError
from alphaforge.core.home import Home
from alphaforge.core.journal import Journal
from alphaforge.policies.action import Action
from alphaforge.policies.bundle import default_bundle
from alphaforge.policies.model import Bundle
from alphaforge.server.cli import build_parser, command_names, load_command, run_command
from alphaforge.server.command import Command
from alphaforge.server.mcp import ToolServer
from alphaforge.server.serving import Desk
from alphaforge.server.settings import read_settings
from alphaforge.tests.gateway_world import World
from alphaforge.tests.helpers import REPO
from alphaforge.tests.tool_lab import AGENT, FIRST, LIMITS, lab_at, shared
from alphaforge.tools import TOOLS

EXTRA = {"evals": _evals}
COMMANDS = command_names(EXTRA)
# These have no action of their own: each call of a tool asks at the tool's door.
TOOL_COMMANDS = {"compile", "search", "run", "compare", "deploy", "serve"}
# Files that are started as programs, and why each may be.
PROGRAMS = {
    "__main__.py": "the command line: every command is below",
    "server/worker.py": "works off one job file that a gated run wrote",
    "server/replay_worker.py": "plays one script that a gated replay wrote, and reads nothing else",
}
FLOORS = ("core", "data", "dsl", "engine", "policies", "memory", "execution", "runs", "packs")
FOLDERS = (*FLOORS, "tools", "server", "evals")


def nothing() -> Bundle:
    """Return a bundle that permits nobody anything."""
    none: frozenset[Action] = frozenset()
    return default_bundle().model_copy(
        update={"roles": {}, "humans": none, "agents": none, "services": none, "anyone": none}
    )


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every home be opened under the bundle that permits nothing."""
    monkeypatch.setattr(composition, "default_bundle", nothing)


def sources() -> Iterator[tuple[str, ast.Module]]:
    for folder in FOLDERS:
        for path in sorted((REPO / folder).rglob("*.py")):
            yield path.relative_to(REPO).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def called(tree: ast.AST, name: str) -> list[ast.Call]:
    """Return the calls of a function or method of that name."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr == name)
            or (isinstance(node.func, ast.Name) and node.func.id == name)
        )
    ]


def leaves(parser: argparse.ArgumentParser, said: list[str]) -> Iterator[list[str]]:
    """Yield one command line for each verb of a parser, what is required filled in."""
    words, verbs = list(said), None
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            verbs = action
        elif action.required:
            value = str(next(iter(action.choices))) if action.choices else "1"
            words += [action.option_strings[-1], value] if action.option_strings else [value]
    if verbs is None:
        yield words
        return
    for name, child in verbs.choices.items():
        yield from leaves(child, [*words, name])


def lines_of(name: str) -> list[list[str]]:
    """Return a command line for every verb of a command."""
    parser = argparse.ArgumentParser()
    load_command(name, EXTRA).configure(parser)
    return list(leaves(parser, [name]))


# `serve` waits for a client; what it does is asked below, through one.
LINES = [line for name in COMMANDS if name != "serve" for line in lines_of(name)]


def test_P6_the_enumeration_sees_all_commands_and_their_verbs() -> None:
    files = {path.stem.replace("_", "-") for path in (REPO / "server" / "commands").glob("*.py")}
    assert set(COMMANDS) == (files - {"--init--"}) | {"evals"}
    assert ["approvals", "list"] in LINES
    assert ["evals", "replay", "1"] in LINES
    assert len(LINES) > len(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_P6_every_command_names_its_action_or_calls_a_tool(name: str) -> None:
    command = load_command(name, EXTRA)
    assert isinstance(command, Command)
    assert command.name == name
    assert (command.request is None) == (name in TOOL_COMMANDS)


def test_P6_the_commands_without_an_action_reach_a_tool() -> None:
    for name in TOOL_COMMANDS - {"serve"}:
        tree = ast.parse((REPO / "server" / "commands" / f"{name}.py").read_text())
        assert called(tree, "ask_tool"), name


@pytest.mark.parametrize("line", LINES, ids=" ".join)
@pytest.mark.usefixtures("locked")
def test_P6_no_command_works_where_nothing_is_permitted(
    tmp_path: Path, line: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "strategy.af"
    text.write_text(FIRST, encoding="utf-8")
    words = [*line, *MORE.get(line[0], [])]
    limits = tmp_path / "limits.toml"
    limits.write_text("".join(f'{key} = "{value}"\n' for key, value in LIMITS.items()))
    files = {"FILE": str(text), "LIMITS": str(limits)}
    words = [files.get(word, word) for word in words]
    home, gateway = tmp_path / "home", tmp_path / "gateway"
    code = run_command(
        [*words, "--json", "--home", str(home), "--gateway-home", str(gateway)],
        extra_commands=EXTRA,
    )
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    error = said.get("error", said)
    assert code == 1
    if line[0] in ASKS_AFTER_LOOKING:
        # Its facts are those of an experiment or a deployment, and there is none.
        assert error["code"] in {"AF404", "AF730"}, said
        return
    assert error["code"] == "AF403", said
    journal = Journal(Home(home).journal_db, SystemClock())
    entries = journal.entries()
    journal.close()
    assert [entry.kind for entry in entries] == ["decision"]
    decision: Any = entries[0].body
    assert decision["request"]["action"] in {action.value for action in Action}
    assert decision["decision"]["effect"] == "deny"


# What a tool's own arguments need before its door asks the gate.
MORE = {
    "compile": ["FILE"],
    "run": ["--dataset", "sim", "FILE"],
    "compare": ["2"],
    "deploy": ["--limits", "LIMITS"],
}
ASKS_AFTER_LOOKING = {"gateway", "deploy"}


def test_P6_serving_itself_is_asked_for_and_so_is_every_tool() -> None:
    lab = shared()
    bound = replace(lab, gate=replace(lab.gate, bundle=nothing()))
    before = lab.journal.entries()[-1].seq

    async def main() -> None:
        async with Client(ToolServer(Desk(lambda: bound, AGENT))) as client:
            listed = (await client.list_tools()).tools
            assert [tool.name for tool in listed] == [tool.name for tool in TOOLS]
            for tool in listed:
                answer = await client.call_tool(tool.name, {})
                assert answer.structured_content is not None
                assert answer.structured_content["code"] == "AF403"

    anyio.run(main)
    asked: list[Any] = [entry.body for entry in lab.journal.entries(after=before)]
    assert {item["request"]["action"] for item in asked} == {"serve"}
    assert {item["decision"]["effect"] for item in asked} == {"deny"}


def test_P6_the_server_offers_nothing_but_tools_and_pages() -> None:
    async def main() -> None:
        async with Client(ToolServer(Desk(shared, AGENT))) as client:
            pages = [str(page.uri) for page in (await client.list_resources()).resources]
            assert pages == [f"alphaforge://docs/{n}" for n in ("cheatsheet", "language", "errors")]
            listed = (await client.list_resource_templates()).resource_templates
            assert {item.uri_template for item in listed} == set(PAGES_BY_NAME)
            assert (await client.list_prompts()).prompts == []

    anyio.run(main)


PAGES_BY_NAME = {
    "alphaforge://docs/errors/{code}": "alphaforge://docs/errors/AF201",
    "alphaforge://operators/{name}": "alphaforge://operators/rank",
}


def test_P6_no_page_is_read_where_nothing_is_permitted() -> None:
    lab = shared()
    bound = replace(lab, gate=replace(lab.gate, bundle=nothing()))

    async def main() -> None:
        async with Client(ToolServer(Desk(lambda: bound, AGENT))) as client:
            pages = [str(page.uri) for page in (await client.list_resources()).resources]
            for uri in [*pages, *PAGES_BY_NAME.values()]:
                with pytest.raises(MCPError, match="AF403"):
                    await client.read_resource(uri)

    anyio.run(main)


def test_P6_a_tools_work_and_a_commands_work_are_begun_in_one_place_each() -> None:
    reached = [
        (name, ast.unparse(node))
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"deed", "run"}
    ]
    assert [name for name, text in reached if text.endswith(".deed")] == ["tools/door.py"]
    assert [name for name, text in reached if text == "command.run"] == ["server/cli.py"]


def test_P6_every_program_that_can_be_started_is_known() -> None:
    found = {
        name
        for name, tree in sources()
        if any(
            isinstance(node, ast.If) and "__main__" in ast.unparse(node.test) for node in tree.body
        )
    }
    assert found | {"__main__.py"} == set(PROGRAMS)


def test_G5_what_changes_a_venue_is_reached_through_the_gate_alone() -> None:
    trees = [(name, tree) for name, tree in sources() if name.startswith(("execution/", "server/"))]
    calls = [
        (name, call)
        for name, tree in trees
        for method in ("place", "cancel")
        for call in called(tree, method)
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value).endswith("venue")
    ]
    assert len(calls) >= 2
    gated = [
        keyword.value
        for _, tree in trees
        for call in called(tree, "enforce")
        for keyword in call.keywords
        if keyword.arg == "work"
    ]

    def is_gated(name: str, call: ast.Call) -> bool:
        if any(call is node for work in gated for node in ast.walk(work)):
            return True
        # Not in the gate's own work: then the method it stands in must be, wherever it is called.
        tree = dict(trees)[name]
        holder = next(
            function
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef) and any(call is n for n in ast.walk(function))
        )
        assert holder.name.startswith("_"), f"{name}: `{holder.name}` can be called from elsewhere"
        callers = called(tree, holder.name)
        return bool(callers) and all(is_gated(name, other) for other in callers)

    for name, call in calls:
        assert is_gated(name, call), f"{name}:{call.lineno} {ast.unparse(call)}"


def test_G5_a_gateway_sends_nothing_where_nothing_is_permitted(tmp_path: Path) -> None:
    world = World(tmp_path)
    running = world.open()
    assert running.parts is not None
    running.change(gate=replace(running.parts.gate, bundle=nothing()))
    running.gateway().run(world.bars()[:4])
    denied: list[Any] = [entry.body for entry in running.journal.entries(kind="decision")]
    sent = running.journal.entries(kind="order.sent")
    running.close()
    orders = [item for item in denied if item["request"]["action"] == Action.GATEWAY_ORDER]
    assert orders
    assert {item["decision"]["effect"] for item in orders} == {"deny"}
    assert sent == []
    assert list(world.venue().fills(0)) == []


def test_P1_the_lock_itself_lets_the_right_ones_in(tmp_path: Path) -> None:
    # Were everything refused for another reason, the tests above would prove nothing.
    line = ["doctor", "--json", "--home", str(tmp_path), "--gateway-home", str(tmp_path / "gw")]
    assert run_command(line, extra_commands=EXTRA) == 0
    desk = Desk(lambda: lab_at(tmp_path), read_settings(str(tmp_path)).agent())
    assert desk.lab().gate.bundle == default_bundle()
    assert build_parser(["doctor"], EXTRA)
    lab = lab_at(tmp_path)
    bound = replace(lab, gate=replace(lab.gate, bundle=nothing()))
    with pytest.raises(RefusedError):
        Desk(lambda: bound, AGENT).lab()

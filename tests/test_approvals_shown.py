"""What a human reads before signing: nothing hidden, nothing that acts, nothing cut off."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from alphaforge.core.errors import InvalidInputError
from alphaforge.core.home import Home
from alphaforge.policies.keyring import Keyring
from alphaforge.policies.plan import Plan
from alphaforge.server.cli import run_command
from alphaforge.server.commands.keys import passphrase
from alphaforge.tests.approved_home import Homes
from alphaforge.tests.humans import AGENT

EVIL = "a\x1b[2J\u202eb"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Homes]:
    now = datetime.now(UTC)  # noqa: TID251  # The command line has the machine's clock.
    made = Homes(Home(tmp_path / "home"), tmp_path / "gateway", now, Keyring())
    yield made
    made.close()


def page(place: Homes, plan: Plan, text: str, capsys: pytest.CaptureFixture[str]) -> str:
    hashed = replace(plan, source_hash=sha256(text.encode()).hexdigest())
    filed = place.queue.submit(hashed, principal=AGENT, text=text)
    capsys.readouterr()
    assert run_command(["approvals", "show", filed.request_id, *place.flags()]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", ["account", "venue", "fingerprint", "sponsor"])
def test_A13_no_field_of_a_stored_plan_reaches_the_terminal_raw(
    place: Homes, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = replace(place.plan, **{name: EVIL})  # type: ignore[arg-type]
    filed = place.queue.submit(plan, principal=AGENT, text="rank(close)")
    place.deployments.create(plan, principal=AGENT, text="", request_id=filed.request_id)
    made = place.deployments.of_request(filed.request_id)
    assert made is not None
    for argv in (
        ["approvals", "list"],
        ["approvals", "show", filed.request_id],
        ["deployments", "list"],
        ["deployments", "show", made.deployment_id],
    ):
        assert run_command([*argv, *place.flags()]) == 0
        told = capsys.readouterr()
        assert "\x1b" not in told.out + told.err
        assert "\u202e" not in told.out + told.err


def test_A3_the_end_of_a_long_line_is_shown(
    place: Homes, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"rank(close){' ' * 500}* -1\n"
    shown = page(place, place.plan, text, capsys)
    rows = [line[4:] for line in shown.splitlines() if line.startswith(("  | ", "  : "))]
    assert "".join(rows) == text.rstrip("\n")
    assert max(map(len, rows)) <= 160


def test_A3_every_line_of_a_long_text_is_shown(
    place: Homes, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "\n".join(f"# {number}" for number in range(3000)) + "\n-rank(close)"
    shown = page(place, place.plan, text, capsys)
    assert "  | # 2999\n  | -rank(close)\n" in shown


def test_A3_what_is_no_line_end_for_the_compiler_ends_no_line_on_the_page(
    place: Homes, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = page(place, place.plan, "-rank(close) #\u2028rank(close)\x0brank(close)", capsys)
    assert "  | -rank(close) #\\u2028rank(close)\\u000brank(close)" in shown


def test_A3_the_last_of_many_parameters_is_shown(
    place: Homes, capsys: pytest.CaptureFixture[str]
) -> None:
    many = tuple((f"parameter_{number:03}", "1") for number in range(60))
    shown = page(place, replace(place.plan, parameters=many), "rank(close)", capsys)
    assert "parameter_059=1" in shown


def test_a_passphrase_is_not_asked_for_without_a_terminal() -> None:
    with pytest.raises(InvalidInputError) as caught:
        passphrase(None, "Passphrase: ")
    assert caught.value.help == "give --passphrase-file"

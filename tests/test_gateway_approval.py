"""The gateway trades what humans signed, while they stand by it, and nothing else."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alphaforge.core.clock import SteppedClock
from alphaforge.core.errors import AlphaForgeError, BrokenError, ConflictError, TamperedError
from alphaforge.core.principals import Stage
from alphaforge.execution.approval import Loaded, NotApprovedError, SignedPlan
from alphaforge.execution.clock_guard import ClockGuard, ClockJumpedError
from alphaforge.execution.faults import no_faults
from alphaforge.execution.lease import AccountLock, Lease, LeaseLostError, next_epoch
from alphaforge.execution.ledger import Ledger
from alphaforge.policies.approvals import Answer
from alphaforge.policies.plan import PackRef, plan_hash, plan_json
from alphaforge.tests.gateway_world import ACCOUNT, NOW, Human, World

D = Decimal
BARS = 4
ANA, BEN, ZOE = Human("ana", "pm"), Human("ben", "risk"), Human("zoe", "risk")


def world(folder: Path, **changes: Any) -> World:
    return World(folder, humans=(ANA, BEN), **changes)


def sent(made: World) -> int:
    venue = made.venue()
    count = len(venue.fills(0))
    venue.close()
    return count


def test_T9_the_signed_plan_trades(tmp_path: Path) -> None:
    assert world(tmp_path).run().state == "finished"
    assert sent(world(tmp_path)) > 20


OTHER: dict[str, Any] = {
    "fingerprint": "str_other",
    "family": "sig_other",
    "source_hash": "other",
    "ir_hash": "other",
    "compiler_version": "2",
    "operators_version": "2",
    "packs": (PackRef("midfreq", "9", "other"),),
    "snapshots": ("snap_other",),
    "venue": "other",
    "account": "other",
    "instruments": ("AAAUSDT",),
    "bundle_hash": "other",
}


@pytest.mark.parametrize("name", [field.name for field in fields(Loaded)])
def test_A4_what_differs_from_the_signed_plan_in_any_field_does_not_start(
    tmp_path: Path, name: str
) -> None:
    made = world(tmp_path)
    other = OTHER | {"limits": replace(made.limits, capital=D(10_001))}
    with pytest.raises(NotApprovedError, match=f"`{name}") as caught:
        made.approval(loaded=replace(made.loaded(), **{name: other[name]}))
    assert caught.value.code == "AF731"


def test_A4_limits_that_change_in_memory_halt_before_the_next_order(tmp_path: Path) -> None:
    made = world(tmp_path)
    looser = replace(made.loaded(), limits=replace(made.limits, max_gross=D(12_001)))
    after = made.run(loaded=looser)
    assert after.state == "halted"
    assert "AF731" in after.reason
    assert sent(made) == 0


def test_A4_another_account_behind_the_connection_halts_before_the_next_order(
    tmp_path: Path,
) -> None:
    made = world(tmp_path)
    running = made.open()
    running.venue.account = "other"
    after = running.gateway().run(made.bars())
    running.close()
    assert after.state == "halted"
    assert sent(made) == 0


def signed_by(made: World, *humans: Human, **changes: Any) -> SignedPlan:
    message = replace(made.message(made.plan()), **changes)
    return made.request([human.signed(message) for human in humans])


REFUSED: dict[str, Callable[[World], SignedPlan]] = {
    "nobody signed": signed_by,
    "one signed": lambda made: signed_by(made, BEN),
    "one signed twice": lambda made: signed_by(made, BEN, BEN),
    "a stranger signed": lambda made: signed_by(made, ANA, Human("eve", "risk")),
    "the sponsor signed": lambda made: signed_by(made, ANA, ZOE),
    "signed another plan": lambda made: signed_by(made, ANA, BEN, plan_hash="0" * 64),
    "signed another request": lambda made: signed_by(made, ANA, BEN, request_id="apr_2"),
    "signed another quorum": lambda made: signed_by(made, ANA, BEN, quorum_policy_hash="0"),
    "rejections": lambda made: signed_by(made, ANA, BEN, decision=Answer.REJECT),
    "another tag": lambda made: signed_by(made, ANA, BEN, tag="other"),
    "signed too late": lambda made: signed_by(made, ANA, BEN, decide_by=NOW - timedelta(hours=1)),
    "ended": lambda made: signed_by(made, ANA, BEN, run_until=NOW),
}


@pytest.mark.parametrize("name", REFUSED)
def test_A17_only_enough_signatures_over_this_very_plan_start_it(tmp_path: Path, name: str) -> None:
    made = world(tmp_path)
    with pytest.raises(NotApprovedError):
        made.approval(REFUSED[name](made))


def test_A17_a_signature_with_one_bit_changed_does_not_count(tmp_path: Path) -> None:
    made = world(tmp_path)
    first, second = made.request().signed
    digit = "0" if first.signature[0] != "0" else "1"
    forged = replace(first, signature=digit + first.signature[1:])
    with pytest.raises(NotApprovedError):
        made.approval(made.request([forged, second]))


def test_A3_bytes_that_are_not_the_plan_of_their_hash_are_refused(tmp_path: Path) -> None:
    made = world(tmp_path)
    richer = replace(made.plan(), limits=replace(made.limits, capital=D(11_000)))
    with pytest.raises(NotApprovedError):
        made.approval(replace(made.request(), plan_json=plan_json(richer)))
    with pytest.raises(TamperedError):
        made.approval(replace(made.request(), plan_json=plan_json(richer) + b" "))


def test_A4_a_richer_plan_with_its_own_hash_has_no_signatures(tmp_path: Path) -> None:
    made = world(tmp_path)
    limits = replace(made.limits, capital=D(11_000))
    richer = replace(made.plan(), limits=limits)
    request = SignedPlan("apr_1", plan_json(richer), plan_hash(richer), made.request().signed)
    with pytest.raises(NotApprovedError, match="2 of 2 signatures are missing"):
        made.approval(request, replace(made.loaded(), limits=limits))


def test_A7_an_approval_starts_one_deployment_whoever_asks(tmp_path: Path) -> None:
    made = world(tmp_path)
    first = made.run(made.bars()[:2])
    again = made.run(made.bars()[:BARS])
    assert first.json()["deployment_id"] == again.json()["deployment_id"]
    with pytest.raises(ConflictError) as caught:
        made.run(key="another")
    assert caught.value.code == "AF732"
    journal = made.journal()
    assert len(journal.entries(kind="approval.consumed")) == 1
    journal.close()


def test_A5_an_approval_ends_at_its_very_end(tmp_path: Path) -> None:
    approval = world(tmp_path).approval()
    end = approval.run_until
    assert approval.fault(end - timedelta(microseconds=1)) == ""
    assert approval.fault(end) == "approval_expired"
    assert approval.fault(approval.plan.start_at - timedelta(microseconds=1)) == "approval_expired"


def test_A5_a_gateway_that_reaches_the_end_sends_no_more(tmp_path: Path) -> None:
    made = world(tmp_path)
    # Each look at the clock takes two hours: the end comes in the middle of the first decision.
    made.clock.step = timedelta(seconds=0)
    running = made.open()
    ending = replace(running.parts.deployment.approval, run_until=NOW)  # type: ignore[union-attr]
    assert running.parts is not None
    running.change(deployment=replace(running.parts.deployment, approval=ending))
    after = running.gateway().run(made.bars())
    running.close()
    assert (after.state, after.reason) == ("halted", "approval_expired")
    assert sent(made) == 0


def revoked_after(passes: int) -> Callable[[], bool]:
    """Revoke after so many looks."""
    looks = 0

    def is_revoked() -> bool:
        nonlocal looks
        looks += 1
        return looks > passes

    return is_revoked


@pytest.mark.parametrize("passes", [2, 3, 4, 5, 9])
def test_A8_after_a_revocation_no_further_order_leaves(tmp_path: Path, passes: int) -> None:
    made = world(tmp_path, is_revoked=revoked_after(passes))
    after = made.run()
    assert after.state == "wound_down"
    assert after.reason == "approval_revoked"
    journal = made.journal()
    kinds = [entry.kind for entry in journal.entries(limit=10_000)]
    journal.close()
    # Three looks an order: at first, for the policy, at last; so few that fewer left.
    assert kinds.count("order.acked") <= passes // 3
    assert kinds[-1] == "gateway.halted"
    assert "order.sent" not in kinds[kinds.index("gateway.halted") :]


def test_A8_a_revocation_between_journal_and_send_stops_the_order(tmp_path: Path) -> None:
    is_revoked = False

    def revoke(reached: str) -> None:
        nonlocal is_revoked
        no_faults(reached)
        is_revoked = is_revoked or reached == "after_journal"

    made = world(tmp_path, is_revoked=lambda: is_revoked)
    after: Any = made.run(faults=revoke)
    assert sent(made) == 0
    assert after.json()["orders"][0]["reason"] == "approval_revoked"


@pytest.mark.parametrize(
    "error", [OSError("gone"), BrokenError("the store is unreadable")], ids=str
)
def test_A8_a_store_that_cannot_be_read_counts_as_a_revocation(
    tmp_path: Path, error: Exception
) -> None:
    looks = 0

    def unreadable() -> bool:
        nonlocal looks
        looks += 1
        if looks > 3:
            raise error
        return False

    made = world(tmp_path, is_revoked=unreadable)
    assert made.run().reason == "revocation_unreadable"
    assert sent(made) <= 1


def test_A5_a_clock_that_steps_back_or_jumps_halts_the_gateway(tmp_path: Path) -> None:
    for jump in (timedelta(seconds=-1), timedelta(seconds=6)):
        folder = tmp_path / str(jump.seconds)
        folder.mkdir()
        made = world(folder)
        clock = made.clock

        def step(reached: str, by: timedelta = jump, clock: SteppedClock = clock) -> None:
            if reached == "after_intent":
                clock.advance(by)

        after = made.run(faults=step)
        assert after.state == "halted"
        assert "AF722" in after.reason
        assert sent(made) == 0


def test_A5_a_clock_that_walks_is_believed() -> None:
    clock = SteppedClock(datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=1))
    guard = ClockGuard(clock)
    for _ in range(100):
        guard.now()
    clock.advance(timedelta(seconds=4))
    guard.now()
    clock.advance(timedelta(seconds=-3))
    with pytest.raises(ClockJumpedError):
        guard.now()


def test_G6_a_second_live_gateway_of_the_account_does_not_start(tmp_path: Path) -> None:
    made = world(tmp_path)
    running = made.open()
    with pytest.raises(ConflictError) as caught:
        AccountLock(made.home, ACCOUNT)
    running.close()
    assert caught.value.code == "AF721"
    AccountLock(made.home, ACCOUNT).release()


@pytest.mark.parametrize("point", ["before_intent", "after_journal", "after_send", "before_fill"])
def test_G6_a_gateway_that_lost_its_lease_neither_journals_nor_sends(
    tmp_path: Path, point: str
) -> None:
    made = world(tmp_path)
    thieves: list[Lease] = []

    def steal(reached: str) -> None:
        if reached == point and not thieves:
            ledger = Ledger(made.home, made.journal(), made.clock)
            with ledger.write() as writing:
                thieves.append(next_epoch(writing.db, ACCOUNT, "thief", writing.at))

    after = made.run(faults=steal)
    assert after.state == "halted"
    assert LeaseLostError.code in after.reason
    journal = made.journal()
    epochs = {entry.body["epoch"] for entry in journal.entries(kind="order.sent")}
    count = len(journal.entries(kind="order.filled"))
    journal.close()
    assert epochs <= {1}
    assert count == 0
    assert sent(made) == (point in {"after_send", "before_fill"})
    # The next one finds what the venue has, and goes on.
    assert made.run().state == "finished"


def test_a_paper_plan_needs_no_signature_and_trades_the_simulated_venue(tmp_path: Path) -> None:
    made = world(tmp_path, stage=Stage.PAPER)
    approval = made.approval(made.request([]))
    assert not approval.needs_signatures
    assert made.run(made.bars()[:BARS]).state == "finished"


def test_P6_every_order_has_a_decision_and_every_decision_an_order(tmp_path: Path) -> None:
    made = world(tmp_path)
    after: Any = made.run(made.bars()[:BARS]).json()
    journal = made.journal()
    asked = [
        entry.body["request"]["resource"]  # type: ignore[index]
        for entry in journal.entries(kind="decision", limit=10_000)
    ]
    sent_ids = [str(entry.decision_id) for entry in journal.entries(kind="order.sent")]
    journal.close()
    assert asked == [order["client_order_id"] for order in after["orders"]]
    assert len(set(sent_ids)) == len(sent_ids) == len(asked)
    assert all(sent_ids)


def test_L2_nothing_is_sent_when_the_journal_cannot_be_written(tmp_path: Path) -> None:
    made = world(tmp_path)
    running = made.open()

    def close_journal(reached: str) -> None:
        if reached == "after_intent":
            running.journal._connection.execute("PRAGMA query_only=ON")

    running.change(faults=close_journal)
    with pytest.raises(AlphaForgeError):
        running.gateway().run(made.bars())
    running.close()
    assert sent(made) == 0
    assert made.run().state == "finished"

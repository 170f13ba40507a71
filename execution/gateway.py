"""The gateway's loop: halted until reconciled, then bar after bar, tick after tick.

1. Start halted; reconcile. Clean under a valid approval resumes by itself, a difference waits for
   a human (G4).
2. When a bar opens that trades a decision, targets become intents, durable as a whole.
3. At each tick: kill switch, approval, then the orders that are due, each through ``sender``.
4. At the end of a bar: fills, then the checkpoint from which a restart goes on. A restart in the
   middle of a bar replays its ticks, and sends what had not been sent, under the same ids.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..core.errors import AlphaForgeError
from ..core.principals import Principal
from ..policies.action import Action
from ..policies.gate import enforce
from ..policies.request import Request
from .cancel import cancel_resting
from .decider import Decider
from .kill_file import Level
from .ledger import put_mark
from .market import Replay, instant
from .orders import Decision, OrderRow
from .outcome import Outcome
from .parts import HaltedError, Parts
from .quote import Tick
from .reconcile import Reconciliation, adopt, reconcile
from .sender import Sender
from .states import OrderState
from .summary import GatewayState, Summary, summary_of
from .throttle import is_full

# Tries of one order at one tick, while the venue says that it never got it.
ATTEMPTS_MAX = 3


@dataclass(frozen=True, slots=True)
class Adoption:
    """A human's word that the venue is right where it differs from the ledger."""

    principal: Principal
    reason: str


class Gateway:
    """One account's gateway over one replay."""

    def __init__(self, parts: Parts, replay: Replay) -> None:
        """Start halted."""
        self._parts = parts
        self._replay = replay
        self._outcome = Outcome(parts)
        self._sender = Sender(parts, self._outcome)
        self._decider = Decider(parts, replay)
        self._state = GatewayState.HALTED
        self._reason = "started"
        self._differences: tuple[str, ...] = ()

    def run(self, bars: Sequence[int], adoption: Adoption | None = None) -> Summary:
        """Trade the bars that open at these instants (epoch seconds), and say how it ended."""
        done = 0
        try:
            self._start(adoption)
            for bar_open in self._ahead(bars):
                if self._state is not GatewayState.TRADING:
                    break
                done += self._trade_bar(bar_open)
            if self._state is GatewayState.TRADING:
                self._state, self._reason = GatewayState.FINISHED, "the replay ended"
                self._compare()
        except AlphaForgeError as error:
            self._halt(f"{error.code}: {error.message}")
        return summary_of(
            self._parts,
            state=self._state,
            reason=self._reason,
            bars=done,
            differences=self._differences,
        )

    def _start(self, adoption: Adoption | None) -> None:
        parts = self._parts
        parts.say(f"halted: account {parts.venue.account}, lease {parts.lease.epoch}, reconciling")
        parts.kills.absorb()
        found = self._compare()
        if not found.is_clean and adoption is not None:
            self._adopt(adoption, found)
            found = self._compare()
        if not found.is_clean:
            return
        if fault := parts.deployment.approval.fault(parts.guard.now()):
            self._halt(fault)
            return
        self._state, self._reason = GatewayState.TRADING, "reconciled"
        with parts.ledger.write(parts.lease) as writing:
            body = {"account": parts.venue.account, "epoch": parts.lease.epoch}
            parts.deployment.stamp.event(writing, "gateway.resumed", body)
        parts.say("resumed: reconciled under a valid approval")

    def _adopt(self, adoption: Adoption, found: Reconciliation) -> None:
        parts = self._parts
        request = Request(
            action=Action.GATEWAY_RESUME,
            principal=adoption.principal,
            stage=parts.deployment.plan.stage,
            resource=parts.venue.account,
        )
        enforce(
            request,
            gate=parts.gate,
            work=lambda _decision: adopt(
                parts, principal=adoption.principal.id, reason=adoption.reason, found=found
            ),
            request_id=parts.deployment.stamp.request_id,
        )

    def _compare(self) -> Reconciliation:
        found = reconcile(self._parts, self._outcome)
        self._differences = found.differences
        if not found.is_clean:
            self._halt("reconciliation found differences")
        return found

    def _halt(self, reason: str) -> None:
        parts = self._parts
        self._state, self._reason = GatewayState.HALTED, reason
        body = {"reason": reason, "differences": list(self._differences)}
        # Without the lease: a gateway that lost it must still be able to say that it stopped.
        with parts.ledger.write() as writing:
            parts.deployment.stamp.event(writing, "gateway.halted", body)
        parts.say(f"halted: {reason}")
        for difference in self._differences:
            parts.say(f"  {difference}")

    def _ahead(self, bars: Sequence[int]) -> Iterator[int]:
        """Yield the bars after the checkpoint; what an older bar left unsent is stale."""
        mark = self._parts.ledger.mark(self._checkpoint())
        ahead = [bar for bar in bars if mark is None or bar > int(mark)]
        for decision in self._parts.orders.unfinished(self._parts.deployment.id):
            if not ahead or decision.bar_open != ahead[0]:
                self._expire(decision)
        yield from ahead

    def _trade_bar(self, bar_open: int) -> int:
        """Trade one bar, and return how many were done: none when the run ends inside it."""
        parts = self._parts
        for tick in self._replay.ticks(self._replay.row_of(bar_open)):
            parts.venue.observe(tick)
            if tick.number == 0:
                self._record()
                parts.books.mark_equity(parts.lease, tick)
            if not self._step(tick):
                return 0
        self._record()
        for decision in parts.orders.unfinished(parts.deployment.id):
            self._expire(decision)
        parts.faults("before_checkpoint")
        with parts.ledger.write(parts.lease) as writing:
            put_mark(writing, self._checkpoint(), str(bar_open))
        parts.faults("after_checkpoint")
        parts.say(f"bar {instant(bar_open):%Y-%m-%d %H:%M} done: {self._worth()}")
        return 1

    def _step(self, tick: Tick) -> bool:
        """Do what one tick asks for; false ends the run."""
        parts = self._parts
        parts.kills.absorb()
        self._outcome.resolve()
        level = parts.kills.level(parts.deployment.scopes())
        if level >= Level.REDUCE_ONLY:
            cancel_resting(parts, self._outcome, level)
        if level is Level.FLATTEN:
            self._decider.flatten(tick)
        elif fault := parts.deployment.approval.fault(parts.guard.now()):
            self._wind_down(fault)
            return False
        elif tick.number == 0:
            self._decider.decide(tick)
        self._send_due(tick)
        return True

    def _send_due(self, tick: Tick) -> None:
        parts = self._parts
        for decision in parts.orders.unfinished(parts.deployment.id):
            for row in parts.orders.of(decision):
                if row.state is not OrderState.NEW or row.intent.due_tick > tick.number:
                    continue
                counters = parts.books.counters(tick.at, row.intent.symbol)
                if is_full(counters, parts.deployment.limits):
                    return
                self._carry_out(row, decision, tick)

    def _carry_out(self, row: OrderRow, decision: Decision, tick: Tick) -> None:
        """Send an order; one that never reached the venue goes again, under the same id."""
        for _ in range(ATTEMPTS_MAX):
            self._sender.send(row, decision, tick)
            self._outcome.resolve()
            self._record()
            after = self._parts.orders.get(row.id)
            if after is None or after.state is not OrderState.NEW or after.attempts == row.attempts:
                return
            row = after

    def _record(self) -> None:
        """Take in fills and funding; one that is not ours halts everything."""
        strange = self._parts.fills.record(self._parts.lease, self._parts.deployment.stamp)
        if strange:
            self._differences = tuple(strange)
            raise HaltedError(strange[0], help="compare the venue's orders with the ledger")

    def _expire(self, decision: Decision) -> None:
        """End a decision: an order that did not go in its bar is for another market."""
        parts = self._parts
        for row in parts.orders.of(decision):
            if row.state is OrderState.NEW:
                self._outcome.refuse(row, "bar_ended")
        with parts.ledger.write(parts.lease) as writing:
            parts.orders.finish(writing, decision)

    def _wind_down(self, fault: str) -> None:
        """End under an approval that no longer holds: nothing rests, nothing more leaves (A8)."""
        parts = self._parts
        cancel_resting(parts, self._outcome, Level.CANCEL_ALL)
        for decision in parts.orders.unfinished(parts.deployment.id):
            self._expire(decision)
        self._record()
        self._halt(fault)
        self._state = GatewayState.WOUND_DOWN

    def _checkpoint(self) -> str:
        return f"checkpoint:{self._parts.deployment.id}"

    def _worth(self) -> str:
        count = len(self._parts.fills.positions())
        return f"{count} positions, equity {self._parts.venue.balance().equity:.2f}"

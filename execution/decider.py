"""When targets become intents: at the open that trades a decision; under FLATTEN at any tick."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from .market import Replay, instant
from .order import Intent
from .orders import Decision, DecisionKind
from .parts import Parts
from .quote import Tick
from .sizing import Sized, Sizes, flattened, netted, sized
from .states import OrderState
from .turnover import stepped


@dataclass(frozen=True, slots=True)
class Decider:
    """Make each decision once, and make it durable whole before any of it is sent."""

    parts: Parts
    replay: Replay

    def decide(self, tick: Tick) -> None:
        """Turn the signal that is traded at this open into intents, unless that was done."""
        parts, deployment = self.parts, self.parts.deployment
        signal_bar = deployment.pace.signal_bar(tick.bar_open)
        known = parts.orders.decision(deployment.id, DecisionKind.SIGNAL, tick.bar_open, 0)
        if signal_bar is None or known is not None:
            return
        weights = netted([deployment.signals(signal_bar)])
        allowed = set(deployment.plan.instruments)
        inside = {name: weight for name, weight in weights.items() if name in allowed}
        outside = {name: "not_in_plan" for name in weights if weights[name] and name not in allowed}
        base = min(parts.books.account(tick.at).equity, deployment.limits.capital)
        sizes = self._sizes(tick, allowed)
        found = sized(stepped(inside, base, sizes, deployment.pace.turnover_max), base, sizes)
        signal_at = signal_bar + deployment.pace.bar_seconds
        whole = replace(found, dropped={**found.dropped, **outside})
        self._store(DecisionKind.SIGNAL, tick, signal_at, whole)

    def flatten(self, tick: Tick) -> None:
        """Close what is held; what a partial fill leaves is closed at a later tick."""
        parts = self.parts
        pending = [
            row
            for decision in parts.orders.unfinished(parts.deployment.id)
            if decision.kind is DecisionKind.FLATTEN
            for row in parts.orders.of(decision)
            if row.state is OrderState.NEW
        ]
        held = set(parts.fills.positions())
        found = flattened(self._sizes(tick, held))
        kind = DecisionKind.FLATTEN
        known = parts.orders.decision(parts.deployment.id, kind, tick.bar_open, tick.number)
        if pending or known is not None or not found.legs:
            return
        legs = tuple(replace(leg, due_tick=tick.number) for leg in found.legs)
        now = int(tick.at.timestamp())
        self._store(kind, tick, now, replace(found, legs=legs))

    def _store(self, kind: DecisionKind, tick: Tick, signal_at: int, found: Sized) -> None:
        parts, deployment = self.parts, self.parts.deployment
        decision = Decision(
            deployment_id=deployment.id,
            sequence=parts.orders.next_sequence(deployment.id),
            kind=kind,
            bar_open=tick.bar_open,
            tick=tick.number,
            decided_at=tick.at,
            signal_at=instant(signal_at),
        )
        intents = found.intents(deployment.id, decision.sequence)
        parts.faults("before_intent")
        with parts.ledger.write(parts.lease) as writing:
            parts.orders.add(writing, decision, intents, found.dropped)
            for intent in intents:
                deployment.stamp.event(writing, "order.intent", _said(intent, tick))
            if found.dropped:
                body = {"sequence": decision.sequence, "dropped": found.dropped}
                deployment.stamp.event(writing, "order.dropped", body)
        parts.faults("after_intent")
        parts.say(
            f"{kind} decision {decision.sequence} at {tick.at:%H:%M}: {len(intents)} orders, "
            f"{len(found.dropped)} dropped"
        )

    def _sizes(self, tick: Tick, symbols: set[str]) -> Sizes:
        limits = self.parts.deployment.limits
        tick_seconds = Decimal(self.replay.panel.bar_seconds) / self.replay.ticks_per_bar
        fresh = 1 + int(limits.max_signal_age_s // tick_seconds)
        exposures = self.parts.books.exposures()
        return Sizes(
            quotes=tick.quotes,
            contracts=self.parts.venue.instruments(),
            exposures={item.symbol: item for item in exposures if item.symbol in symbols},
            limits=limits,
            ticks_fresh=min(fresh, self.replay.ticks_per_bar),
        )


def _said(intent: Intent, tick: Tick) -> Mapping[str, object]:
    return {
        "client_order_id": intent.client_order_id,
        "sequence": intent.sequence,
        "leg": intent.leg,
        "symbol": intent.symbol,
        "side": intent.side,
        "qty": intent.qty,
        "purpose": intent.purpose,
        "market_at": tick.at,
    }

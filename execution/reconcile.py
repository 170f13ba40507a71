"""Ledger against venue (G4): orders, fills, positions, cash. A difference waits for a human."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..core.canonical import canonical_json, decimal_text
from ..core.clock import to_text
from .kill import RECONCILED
from .ledger import Writing, put_mark
from .outcome import Outcome
from .parts import Parts
from .steps import ZERO

DIFFERENCES_MAX = 100


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a comparison found."""

    differences: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Tell whether the venue and the ledger say the same."""
        return not self.differences


def reconcile(parts: Parts, outcome: Outcome) -> Reconciliation:
    """Bring the ledger up to what the venue says, compare the rest, and journal the finding."""
    outcome.resolve()
    strange = parts.fills.record(parts.lease, parts.deployment.stamp)
    _take_base(parts)
    found = (*strange, *_foreign_orders(parts), *_positions(parts), *_cash(parts))
    result = Reconciliation(found[:DIFFERENCES_MAX])
    kind = "reconcile.clean" if result.is_clean else "reconcile.difference"
    with parts.ledger.write(parts.lease) as writing:
        body = {"account": parts.venue.account, "differences": list(result.differences)}
        parts.deployment.stamp.event(writing, kind, body)
        _mark(writing, parts, is_clean=result.is_clean)
    return result


def adopt(parts: Parts, *, principal: str, reason: str, found: Reconciliation) -> None:
    """Take the venue's word for everything: a human has looked, and answers for it.

    Foreign orders are not touched here: they are cancelled at the venue first, by that human.
    """
    account = parts.venue.account
    with parts.ledger.write(parts.lease) as writing:
        for fill in parts.venue.fills(0):
            amounts = [decimal_text(value) for value in (fill.qty, fill.price, fill.fee)]
            writing.db.execute(
                "INSERT OR IGNORE INTO fills VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    account,
                    fill.number,
                    fill.client_order_id,
                    fill.symbol,
                    fill.side,
                    *amounts,
                    to_text(fill.at),
                ),
            )
        writing.db.execute("DELETE FROM positions WHERE account = ?", (account,))
        for symbol, qty in parts.venue.positions().items():
            writing.db.execute(
                "INSERT INTO positions VALUES (?, ?, ?)", (account, symbol, decimal_text(qty))
            )
        parts.fills.set_cash(writing, parts.venue.balance().cash)
        body = {"account": account, "reason": reason, "differences": list(found.differences)}
        writing.event(
            "reconcile.adopted",
            body,
            request_id=parts.deployment.stamp.request_id,
            plan_hash=parts.deployment.stamp.plan_hash,
            principal=principal,
        )


def _take_base(parts: Parts) -> None:
    """Count cash from the first time this ledger sees the account."""
    if parts.fills.cash() is None:
        with parts.ledger.write(parts.lease) as writing:
            parts.fills.set_cash(writing, parts.venue.balance().cash)


def _foreign_orders(parts: Parts) -> Iterator[str]:
    for order in parts.venue.open_orders():
        if parts.orders.get(order.client_order_id) is None:
            name = order.client_order_id[:40]
            yield f"open order `{name}` of {order.qty} {order.symbol} is not ours"


def _positions(parts: Parts) -> Iterator[str]:
    ours, theirs = parts.fills.positions(), parts.venue.positions()
    for symbol in sorted({*ours, *theirs}):
        held, shown = ours.get(symbol, ZERO), theirs.get(symbol, ZERO)
        if held != shown:
            yield f"position {symbol}: the ledger has {held}, the venue {shown}"


def _cash(parts: Parts) -> Iterator[str]:
    ours, theirs = parts.fills.cash(), parts.venue.balance().cash
    if ours != theirs:
        yield f"cash: the ledger has {ours}, the venue {theirs}"


def _mark(writing: Writing, parts: Parts, *, is_clean: bool) -> None:
    value = canonical_json({"is_clean": is_clean, "at": writing.at}).decode()
    put_mark(writing, f"{RECONCILED}{parts.venue.account}", value)

"""What a gateway says when it ends: state, orders, fills, positions, equity."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..core.canonical import decimal_text
from .orders import OrderRow
from .parts import Parts

ORDERS_SHOWN = 500


class GatewayState(StrEnum):
    """Where a gateway is; it starts halted."""

    HALTED = "halted"
    TRADING = "trading"
    WOUND_DOWN = "wound_down"  # the approval ended: nothing rests, nothing leaves
    FINISHED = "finished"  # the replay came to its end


@dataclass(frozen=True, slots=True)
class Summary:
    """The end of one gateway process."""

    state: GatewayState
    reason: str
    bars: int
    fields: Mapping[str, object]

    def json(self) -> dict[str, object]:
        """Return it as JSON values; amounts are decimal text."""
        return {"state": self.state.value, "reason": self.reason, "bars": self.bars, **self.fields}


def summary_of(
    parts: Parts,
    *,
    state: GatewayState,
    reason: str,
    bars: int,
    differences: tuple[str, ...],
) -> Summary:
    """Read the end from ledger and venue."""
    deployment = parts.deployment
    orders = parts.orders.deployed(deployment.id)
    balance = parts.venue.balance()
    fields: dict[str, object] = {
        "account": parts.venue.account,
        "venue": parts.venue.name,
        "deployment_id": deployment.id,
        "request_id": deployment.stamp.request_id,
        "plan_hash": deployment.stamp.plan_hash,
        "epoch": parts.lease.epoch,
        "kill_level": parts.kills.level(deployment.scopes()).name,
        "differences": list(differences),
        "decisions": parts.orders.next_sequence(deployment.id) - 1,
        "orders": [_order(row) for row in orders[-ORDERS_SHOWN:]],
        "order_count": len(orders),
        "fills": parts.fills.count(deployment.id),
        "positions": {symbol: decimal_text(qty) for symbol, qty in parts.fills.positions().items()},
        "cash": decimal_text(balance.cash),
        "equity": decimal_text(balance.equity),
    }
    return Summary(state, reason, bars, fields)


def _order(row: OrderRow) -> dict[str, str]:
    return {
        "client_order_id": row.id,
        "symbol": row.intent.symbol,
        "side": row.intent.side.value,
        "qty": decimal_text(row.intent.qty),
        "filled": decimal_text(row.filled),
        "price": "" if row.price is None else decimal_text(row.price),
        "state": row.state.value,
        "reason": row.reason,
    }

"""A plan: everything a deployment may do, hashed whole; a person approves exactly this."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from ..core.canonical import canonical_json, plain
from ..core.clock import from_text
from ..core.errors import AlphaForgeError, InvalidInputError, TamperedError
from ..core.principals import DEFAULT_TENANT, Stage
from .limits import Limits, limits_from_table

SCHEMA = 1
BYTES_MAX = 256 * 1024
# A loss between the stop and the flat position: SAFETY R12 shocks by this share.
GAP = Decimal("0.10")


@dataclass(frozen=True, slots=True)
class PackRef:
    """One pack the strategy was compiled with."""

    name: str
    version: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One run that speaks for the plan, and the hash of its result."""

    run_id: str
    result_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All the fields of SAFETY A2; a change of any one is another plan."""

    # What is computed.
    fingerprint: str
    family: str  # joins versions of one strategy; the fingerprint when nothing better is known
    source_hash: str
    ir_hash: str
    compiler_version: str
    operators_version: str
    packs: tuple[PackRef, ...] = ()
    snapshots: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    # Where, and by how much.
    stage: Stage
    venue: str
    account: str
    instruments: tuple[str, ...]
    limits: Limits
    # How.
    mode: str = "signal"  # signal | in_engine
    parameters: tuple[tuple[str, str], ...] = ()
    wind_down: str = "cancel_all,reduce_only"
    # Until when, under which rules, in whose name.
    start_at: datetime
    end_at: datetime
    bundle_hash: str
    requester: str
    sponsor: str = ""
    authors: tuple[str, ...] = ()
    tenant: str = DEFAULT_TENANT

    @property
    def capital(self) -> Decimal:
        """Return the money the deployment may use."""
        return self.limits.capital


@dataclass(frozen=True, slots=True)
class WorstCase:
    """What could be lost and held at most, computed from the limits; in settlement currency."""

    notional_max: Decimal
    order_notional_max: Decimal
    loss_day_max: Decimal
    loss_at_stop: Decimal
    loss_max: Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs between two plans."""

    name: str
    before: str
    after: str
    is_risk_increasing: bool


def plan_json(plan: Plan) -> bytes:
    """Write the canonical bytes of a plan, its schema version inside."""
    return canonical_json({"schema": SCHEMA, **plain(plan)})


def plan_hash(plan: Plan) -> str:
    """Return SHA-256 of the canonical bytes, in hex."""
    return hash_of(plan_json(plan))


def hash_of(canonical: bytes) -> str:
    """Return the plan hash of canonical bytes as stored."""
    return hashlib.sha256(canonical).hexdigest()


def plan_id(plan: Plan) -> str:
    """Return the short name of a plan, made of its hash."""
    return f"plan_{plan_hash(plan)[:20]}"


def plan_from_json(canonical: bytes) -> Plan:
    """Read a plan back from its canonical bytes.

    Raises:
        InvalidInputError: when the bytes are no plan.
        TamperedError: when they are not the canonical bytes of the plan they say.
    """
    if len(canonical) > BYTES_MAX:
        raise InvalidInputError(f"a plan of {len(canonical)} bytes is over {BYTES_MAX}")
    try:
        plan = _plan_of(json.loads(canonical))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidInputError(
            f"these bytes are no plan: {error}", help="use the bytes that `plan_json` wrote"
        ) from error
    if plan_json(plan) != canonical:
        raise TamperedError(
            "these bytes are not the canonical form of their plan",
            help="ask for the plan anew; a re-written plan cannot be approved",
        )
    return plan


def plan_diff(before: Plan, after: Plan) -> tuple[Change, ...]:
    """List the fields that differ, those that raise the risk first."""
    old, new = _flat(plain(before)), _flat(plain(after))
    changes = [
        Change(name, old.get(name, ""), new.get(name, ""), _raises_risk(name, old, new))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    return tuple(sorted(changes, key=lambda change: (not change.is_risk_increasing, change.name)))


def worst_case(plan: Plan) -> WorstCase:
    """Compute the numbers an approver sees first; they come from the limits, never from prose."""
    limits = plan.limits
    notional = min(limits.max_gross, limits.capital * limits.max_leverage)
    at_stop = limits.capital * limits.max_drawdown
    return WorstCase(
        notional_max=notional,
        order_notional_max=limits.max_order_notional,
        loss_day_max=limits.max_daily_loss,
        loss_at_stop=at_stop,
        loss_max=min(limits.capital, at_stop + GAP * notional),
    )


def _plan_of(table: object) -> Plan:
    if not isinstance(table, dict) or table.pop("schema", None) != SCHEMA:
        raise InvalidInputError(f"a plan has schema {SCHEMA}")
    names = {field.name for field in fields(Plan)}
    if table.keys() != names:
        odd = sorted(table.keys() ^ names)
        raise InvalidInputError(f"a plan has exactly its own fields, not `{'`, `'.join(odd)}`")
    values: dict[str, object] = {name: _texts(value) for name, value in table.items()}
    values["packs"] = tuple(PackRef(**item) for item in _tables(table["packs"]))
    values["evidence"] = tuple(Evidence(**item) for item in _tables(table["evidence"]))
    values["parameters"] = tuple(_pairs(table["parameters"]))
    values["limits"] = _limits(table["limits"])
    values["stage"] = Stage(str(table["stage"]))
    values["start_at"] = from_text(str(table["start_at"]))
    values["end_at"] = from_text(str(table["end_at"]))
    return Plan(**values)  # type: ignore[arg-type]  # Round trip to the same bytes is checked.


def _texts(value: object) -> object:
    return tuple(str(item) for item in value) if isinstance(value, list) else value


def _tables(value: object) -> list[dict[str, str]]:
    if not isinstance(value, list):
        raise InvalidInputError("packs and evidence are lists")
    return [{str(name): str(item) for name, item in entry.items()} for entry in value]


def _pairs(value: object) -> list[tuple[str, str]]:
    if not isinstance(value, list):
        raise InvalidInputError("parameters are pairs")
    return [(str(name), str(item)) for name, item in value]


def _limits(value: object) -> Limits:
    if not isinstance(value, dict):
        raise InvalidInputError("limits are a table")
    try:
        return limits_from_table({name: item for name, item in value.items() if item is not None})
    except AlphaForgeError as error:
        raise InvalidInputError(f"the plan's limits: {error.message}", help=error.help) from error


def _flat(value: object, name: str = "") -> dict[str, str]:
    if isinstance(value, Mapping):
        flat: dict[str, str] = {}
        for key, item in value.items():
            flat |= _flat(item, f"{name}.{key}" if name else str(key))
        return flat
    if isinstance(value, list):
        return {name: canonical_json(value).decode()}
    return {name: "" if value is None else str(value)}


def _raises_risk(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    before, after = old.get(name, ""), new.get(name, "")
    if name.startswith("limits."):
        # No value means no limit of its own: the widest there is.
        return after == "" or (before != "" and Decimal(after) > Decimal(before))
    if name == "end_at":
        return after > before
    if name == "instruments":
        return bool(set(json.loads(after)) - set(json.loads(before)))
    # Another venue, account, stage, strategy or way of working is a new risk until read.
    return name not in {"evidence", "snapshots", "start_at", "bundle_hash", "requester"}

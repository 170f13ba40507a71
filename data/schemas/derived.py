"""What is computed or assigned: values of features, and membership in groups."""

from typing import Annotated, ClassVar

from .record import Record, Symbol, described, text


class Factor(Record):
    """One value of one feature, with the formula and the data it came from."""

    KIND: ClassVar[str] = "factors"
    KEY: ClassVar[tuple[str, ...]] = ("feature", "fingerprint", "symbol", "event_at")

    feature: Annotated[str, text("the feature's name")]
    fingerprint: Annotated[str, text("fingerprint of its formula")]
    snapshot: Annotated[str, text("snapshot of the data it was computed on")]
    symbol: Symbol
    value: Annotated[float | None, described("the feature's", "null: no answer at that bar")] = None


class Group(Record):
    """Membership from ``event_at`` on, such as a sector or a bucket of liquidity."""

    KIND: ClassVar[str] = "groups"
    KEY: ClassVar[tuple[str, ...]] = ("symbol", "group", "event_at")
    IS_FORESEEN: ClassVar[bool] = True

    symbol: Symbol
    group: Annotated[str, text("what is told apart, such as sector")]
    name: Annotated[str | None, text("which one it is in; null: none any more")] = None

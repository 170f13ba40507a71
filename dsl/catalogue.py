"""The names a text may use: operators, macros, fields, aliases, packs; nothing else resolves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..core.errors import ConflictError
from ..core.registry import modules_in
from .macro import MACROS, Macro, check_macros
from .nodes import OPERATORS, Node
from .rules import PRICE, PURE, QUANTITY, QUOTE, RATE, Kind, Unit
from .shape import Shape, shape_of


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A column that texts may name.

    ``lag_bars`` is how many bars after its own bar a value becomes public: a text must say
    ``delay(field, lag)`` at least. ``derived_from`` names the columns it is computed from where
    a dataset lacks it.
    """

    name: str
    unit: Unit
    doc: str
    lag_bars: int = 0
    derived_from: tuple[str, ...] = ()
    kind: Kind = Kind.PANEL


FIELDS = (
    FieldInfo("open", PRICE, "the first traded price of the bar"),
    FieldInfo("high", PRICE, "the highest traded price of the bar"),
    FieldInfo("low", PRICE, "the lowest traded price of the bar"),
    FieldInfo("close", PRICE, "the last traded price of the bar"),
    FieldInfo("volume", QUANTITY, "base units traded in the bar"),
    FieldInfo(
        "vwap",
        PRICE,
        "quote volume over base volume of the bar; (high + low + close) / 3 where absent",
        derived_from=("high", "low", "close"),
    ),
    FieldInfo(
        "quote_volume",
        QUOTE,
        "quote currency traded in the bar; volume * vwap where absent",
        derived_from=("volume", "vwap"),
    ),
    FieldInfo(
        "funding_rate",
        RATE,
        "the share of notional that longs pay shorts in the bar; 0 on bars without settlement",
    ),
    FieldInfo("mark_open", PRICE, "the mark price at the bar's open"),
    FieldInfo("mark_close", PRICE, "the mark price at the bar's close"),
    FieldInfo("index_open", PRICE, "the index price at the bar's open"),
    FieldInfo("index_close", PRICE, "the index price at the bar's close"),
    FieldInfo("mark", PRICE, "the mark price at the bar's close", derived_from=("mark_close",)),
    FieldInfo("index", PRICE, "the index price at the bar's close", derived_from=("index_close",)),
    FieldInfo(
        "basis",
        PURE,
        "how far the mark stands above the index, as a share: mark / index - 1",
        derived_from=("mark", "index"),
    ),
    FieldInfo(
        "open_interest",
        QUANTITY,
        "contracts open at the bar's end, in base units",
        derived_from=("open_interest_base",),
    ),
    FieldInfo("taker_buy_volume", QUANTITY, "base units that takers bought in the bar"),
    FieldInfo(
        "taker_sell_volume",
        QUANTITY,
        "base units that takers sold in the bar: volume - taker_buy_volume",
        derived_from=("volume", "taker_buy_volume"),
    ),
    FieldInfo("taker_buy_quote_volume", QUOTE, "quote currency that takers bought for in the bar"),
    FieldInfo("trades", PURE, "count of trades in the bar"),
    FieldInfo(
        "cap",
        QUOTE,
        "market value of the coins in circulation, as the vendor computed it",
        derived_from=("market_cap",),
    ),
    FieldInfo("sector", PURE, "the sector an instrument is in at the bar", kind=Kind.GROUP),
    FieldInfo("industry", PURE, "the industry an instrument is in at the bar", kind=Kind.GROUP),
    FieldInfo(
        "subindustry", PURE, "the sub-industry an instrument is in at the bar", kind=Kind.GROUP
    ),
)

# The same meaning under the names of other systems; a name whose meaning differs is no alias.
ALIASES = {
    "beta": "ts_beta",
    "correlation": "ts_corr",
    "covariance": "ts_cov",
    "days_from_last_change": "bars_since_change",
    "divide": "div",
    "group_cartesian_product": "group_cross",
    "group_neutralize": "neutralize",
    "indneutralize": "neutralize",
    "mean": "ts_mean",
    "multiply": "mul",
    "power": "pow",
    "product": "ts_product",
    "residual": "ts_residual",
    "signedpower": "signed_power",
    "stddev": "ts_std",
    "sum": "ts_sum",
    "ts_arg_max": "ts_argmax",
    "ts_arg_min": "ts_argmin",
    "ts_covariance": "ts_cov",
    "ts_decay_linear": "decay_linear",
    "ts_delay": "delay",
    "ts_delta": "delta",
    "ts_std_dev": "ts_std",
}

# A word that stands for an operator over a field: `returns` alone is `returns(close)`.
SHORTHANDS = {"returns": "close"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is known; frozen, so that one text and one catalogue always give one meaning."""

    operators: Mapping[str, type[Node]]
    fields: Mapping[str, FieldInfo]
    aliases: Mapping[str, str] = field(default_factory=dict)
    packs: Mapping[str, str] = field(default_factory=dict)
    macros: Mapping[str, Macro] = field(default_factory=dict)

    @staticmethod
    def builtin() -> "Catalogue":
        """Return what the language itself knows: all of ``dsl/ops`` and ``dsl/macros``."""
        from . import macros, ops

        found = tuple(module.__name__ for module in modules_in(ops))
        places = tuple(module.__name__ for module in modules_in(macros))
        operators = {
            name: member
            for name, member in OPERATORS.members().items()
            if OPERATORS.place(name) in found
        }
        aliases = {name: meant for name, meant in ALIASES.items() if meant in operators}
        written = {
            name: member
            for name, member in MACROS.members().items()
            if MACROS.place(name) in places
        }
        check_macros(written, {*operators, *aliases})
        return Catalogue(
            operators=MappingProxyType(operators),
            fields=MappingProxyType({info.name: info for info in FIELDS}),
            aliases=MappingProxyType(aliases),
            macros=MappingProxyType(written),
        )

    def shape_of(self, word: str) -> Shape | None:
        """Return how an operator or macro is called, or nothing where there is none."""
        if word in self.macros:
            return self.macros[word].shape
        return shape_of(self.operators[word]) if word in self.operators else None

    def with_pack(
        self,
        name: str,
        version: str,
        operators: Iterable[type[Node]],
        fields: Iterable[FieldInfo],
        macros: Iterable[Macro] = (),
    ) -> "Catalogue":
        """Return a catalogue that also knows a pack's operators, macros and fields.

        Raises:
            ConflictError: when the pack or one of its names is there already, or a macro of it
                names what is not known.
        """
        if name in self.packs:
            raise ConflictError(f"pack `{name}` is loaded already")
        more_operators = {member.name: member for member in operators}
        more_fields = {info.name: info for info in fields}
        more_macros = {member.name: member for member in macros}
        taken = {*self.operators, *self.fields, *self.aliases, *self.macros}
        for word in sorted({*more_operators, *more_fields, *more_macros}):
            if word in taken:
                raise ConflictError(
                    f"pack `{name}` defines `{word}`, which is known already",
                    help="rename it in the pack: one word has one meaning",
                )
        aliases = {word: meant for word, meant in ALIASES.items() if meant in more_operators}
        every = {**self.macros, **more_macros}
        check_macros(every, {*self.operators, *more_operators, *self.aliases, *aliases})
        return replace(
            self,
            macros=MappingProxyType(every),
            operators=MappingProxyType({**self.operators, **more_operators}),
            fields=MappingProxyType({**self.fields, **more_fields}),
            aliases=MappingProxyType({**self.aliases, **aliases}),
            packs=MappingProxyType({**self.packs, name: version}),
        )

"""The orders in which experiments are shown."""

from types import MappingProxyType

from ..core.errors import InvalidInputError
from ..core.nearest import nearest

RELEVANCE = "relevance"
RECENT = "recent"
NOVELTY = "novelty"
DEFLATED = "deflated"

Sort = str

# Best first: costs and risks, which are positive numbers, are best when small.
METRICS_HIGH = (
    "sharpe",
    "annual_return",
    "calmar",
    "sortino",
    "ic_mean",
    "rank_ic_mean",
    "rank_ic_ir",
    "hit_rate",
    "total_return",
    "omega",
    "profit_factor",
    "win_rate",
    "ic_t",
    "rank_ic_t",
    "quantile_spread",
    "information_ratio",
    "alpha_annual",
    "capacity",
)
METRICS_LOW = (
    "max_drawdown",
    "annual_volatility",
    "turnover_daily",
    "cost_share",
    "cvar_95",
    "ulcer_index",
)


def _metric(name: str, direction: str) -> str:
    value = f"json_extract(metrics, '$.{name}')"
    return f"{value} IS NULL, {value} {direction}, id"


# Fixed texts: a question chooses among them, it never adds to one.
_ORDERS = MappingProxyType(
    {
        RECENT: "created_at DESC, changed DESC",
        NOVELTY: "novelty IS NULL, novelty DESC, id",
        **{name: _metric(name, "DESC") for name in METRICS_HIGH},
        **{name: _metric(name, "ASC") for name in METRICS_LOW},
    }
)
# These two are not columns: they are worked out over what a question finds.
SORTS = (RELEVANCE, DEFLATED, *_ORDERS)


def sort_named(name: str) -> Sort:
    """Check the name of an order.

    Raises:
        InvalidInputError: when there is no such order; suggests the closest.
    """
    if name in SORTS:
        return name
    meant = nearest(name, SORTS)
    raise InvalidInputError(
        f"there is no sort `{name[:40]}`",
        help=f"did you mean `{meant}`?" if meant else f"sorts: {', '.join(SORTS)}",
    )


def order_by(sort: Sort) -> str:
    """Return the ORDER BY of a sort that the store can do."""
    return _ORDERS[sort]

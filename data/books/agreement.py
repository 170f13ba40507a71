"""A rebuilt book held against the best quotes that the venue published (polars)."""

from dataclasses import dataclass

import polars as pl

_VALUES = ("bid_price", "bid_quantity", "ask_price", "ask_quantity")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many update ids both have, at how many all four numbers are equal, the first other."""

    shared: int
    equal: int
    first_other: int | None


def agreement(rebuilt: pl.DataFrame, published: pl.DataFrame) -> Agreement:
    """Compare best prices and quantities at the update ids that both have, exactly."""
    both = rebuilt.unique("update_id", keep="last").join(
        published.unique("update_id", keep="last"), on="update_id", suffix="_published"
    )
    is_equal = pl.all_horizontal(pl.col(name) == pl.col(f"{name}_published") for name in _VALUES)
    judged = both.sort("update_id").select("update_id", is_equal.alias("is_equal"))
    other = judged.filter(~pl.col("is_equal")).get_column("update_id")
    return Agreement(
        shared=judged.height,
        equal=judged.height - len(other),
        first_other=int(other[0]) if len(other) else None,
    )

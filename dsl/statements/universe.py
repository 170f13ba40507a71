"""``universe top N by FORMULA, where CONDITION, min_history D``: which instruments may be held."""

from ..desk import Desk
from ..rules import Kind
from ..statement import Changes, statement
from ..strategy import Universe
from ..syntax import Setting, Settings
from ..values import Value


@statement(
    "universe",
    start="settings",
    form="universe top 10 by ts_mean(quote_volume, 30d), min_history 30d",
    words=("all", "top", "by", "where", "min_history", "only", "exclude"),
    later={"filter": "write `where` and a condition"},
)
def read(body: Settings, desk: Desk) -> Changes:
    """Read who may be held: by name, by history, by a condition, by a ranking."""
    said = desk.by_word(body)
    if desk.bare(said.get("all")) and "top" in said:
        desk.faults.error(
            "AF231", "`all` and `top` exclude each other", said["all"].span, "keep one of the two"
        )
    if "only" in said and "exclude" in said:
        desk.faults.error(
            "AF231",
            "`only` and `exclude` exclude each other",
            said["exclude"].span,
            "keep one of the two",
        )
    top = desk.count(said.get("top"))
    by = desk.value(said.get("by"))
    where = desk.value(said.get("where"))
    _check_pair(said, desk, body)
    if by is not None:
        _check_ranking(by, said["by"], desk)
    if where is not None:
        _check_condition(where, said["where"], desk)
    history = desk.bars(said.get("min_history"))
    return {
        "universe": Universe(
            top=top,
            by=by.node if by is not None else None,
            min_history_bars=history or 0,
            where=where.node if where is not None else None,
            only=desk.quotes(said.get("only")),
            exclude=desk.quotes(said.get("exclude")),
        )
    }


def _check_ranking(by: Value, setting: Setting, desk: Desk) -> None:
    assert setting.value is not None
    if by.kind in {Kind.GROUP, Kind.SCALAR}:
        desk.faults.error(
            "AF236" if by.kind is Kind.GROUP else "AF235",
            "the universe is ranked by what orders no instruments",
            setting.value.span,
            "rank by a formula such as `ts_mean(quote_volume, 30d)`",
        )
    desk.binder.judge.check_comparable(by, setting.value.span, "`universe`")
    if by.kind is Kind.CROSS_SECTION:
        desk.binder.judge.warn_alike(setting.value.span, "`universe`")


def _check_condition(where: Value, setting: Setting, desk: Desk) -> None:
    assert setting.value is not None
    if where.kind is not Kind.BOOLEAN:
        desk.faults.error(
            "AF276",
            "the condition of the universe is no yes or no",
            setting.value.span,
            "compare: `where ts_mean(quote_volume, 7d) > 1e6`",
        )


def _check_pair(said: dict[str, Setting], desk: Desk, body: Settings) -> None:
    if "top" in said and "by" not in said:
        desk.lacks("universe top", "by", said["top"].span, body)
    if "by" in said and "top" not in said:
        desk.lacks("universe by", "top", said["by"].span, body)

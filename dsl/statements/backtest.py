"""``backtest DAY .. DAY, walk_forward train 90d test 30d, holdout 20%``: which days, cut how."""

from datetime import date
from decimal import Decimal

from ..amounts import decimal_of
from ..desk import Desk
from ..statement import Changes, statement
from ..strategy import UNIVERSE, Holdout, Split, SplitKind, Window
from ..syntax import Expression, Form, Literal, Name, Setting, Settings

DAY_SECONDS = 86_400
FOLDS_MAX = 100
_OF_KIND = {
    SplitKind.WALK_FORWARD: ("train", "test"),
    SplitKind.KFOLD: (),
}
_EITHER = ("purge", "embargo")


@statement(
    "backtest",
    start="days",
    form="backtest 2025-05-01 .. 2025-11-30",
    words=("walk_forward", "train", "test", "kfold", "purge", "embargo", "holdout", "benchmark"),
    elsewhere={"compare": 'write `benchmark "BTCUSDT"`, or `benchmark universe`'},
    later={
        "purged": "write `kfold 5 purge 24h`",
        "split": "write `walk_forward` or `kfold`",
        "cpcv": "write `kfold 5`",
    },
)
def read(body: Settings, desk: Desk) -> Changes:
    """Read the days, how they are cut, and how many of the last are withheld."""
    said = desk.by_word(body)
    changes: dict[str, object] = {}
    if body.subject:
        window = _window(body, desk)
        if window is not None:
            changes["window"] = window
    split = _split(said, body, desk)
    if split is not None:
        changes["split"] = split
    if "holdout" in said:
        holdout = _holdout(said["holdout"], desk)
        if holdout is not None:
            changes["holdout"] = holdout
    benchmark = _benchmark(said.get("benchmark"), desk)
    if benchmark:
        changes["benchmark"] = benchmark
    return changes


def _window(body: Settings, desk: Desk) -> Window | None:
    start, end = (_day(part, desk) for part in body.subject)
    if start is None or end is None:
        return None
    if start > end:
        desk.faults.error(
            "AF233",
            "the back-test ends before it starts",
            body.subject[1].span,
            f"write `{end} .. {start}`",
        )
        return None
    return Window(start, end)


def _day(part: Expression, desk: Desk) -> date | None:
    assert isinstance(part, Literal)
    try:
        return date.fromisoformat(part.text)
    except ValueError:
        desk.faults.error(
            "AF233",
            f"there is no day `{part.text}`",
            part.span,
            "write year, month and day: `2025-05-01`",
        )
        return None


def _split(said: dict[str, Setting], body: Settings, desk: Desk) -> Split | None:
    kinds = [kind for kind in SplitKind if kind.value in said]
    if len(kinds) > 1:
        desk.faults.error(
            "AF231",
            "`walk_forward` and `kfold` exclude each other",
            said[kinds[1].value].span,
            "keep one of the two",
        )
        return None
    kind = kinds[0] if kinds else None
    _check_partners(kind, said, body, desk)
    # Without a purge of its own a text has the one that the strategy's horizon asks for.
    purge = desk.bars(said.get("purge"), least=0)
    embargo = desk.bars(said.get("embargo"), least=0) or 0
    purge_bars = -1 if purge is None else purge
    if kind is SplitKind.WALK_FORWARD:
        desk.bare(said["walk_forward"])
        train, test = desk.bars(said.get("train")), desk.bars(said.get("test"))
        if train is not None and test is not None:
            return Split(kind, train, test, 0, purge_bars, embargo)
    if kind is SplitKind.KFOLD:
        folds = _folds(said["kfold"], desk)
        if folds is not None:
            return Split(kind, 0, 0, folds, purge_bars, embargo)
    return None


def _folds(setting: Setting, desk: Desk) -> int | None:
    folds = desk.count(setting)
    if folds is None or 1 < folds <= FOLDS_MAX:
        return folds
    desk.faults.error(
        "AF230",
        "`kfold` is out of range",
        setting.span,
        f"write a count from 2 to {FOLDS_MAX}",
    )
    return None


def _check_partners(
    kind: SplitKind | None, said: dict[str, Setting], body: Settings, desk: Desk
) -> None:
    """Report the words of a split that belong to another one, and those that are missing."""
    wanted = () if kind is None else _OF_KIND[kind]
    allowed = () if kind is None else (*wanted, *_EITHER)
    for word in (*_OF_KIND[SplitKind.WALK_FORWARD], *_EITHER):
        if word in said and word not in allowed:
            owner = "kfold" if kind is SplitKind.KFOLD else "backtest"
            desk.faults.error(
                "AF231",
                f"`{owner}` has no `{word}`" if kind else f"`{word}` stands without a split",
                said[word].span,
                "write `walk_forward train 90d test 30d embargo 2d`",
            )
    for word in wanted:
        if word not in said and body.is_whole and kind is not None:
            desk.faults.error(
                "AF231",
                f"`{kind.value}` lacks `{word}`",
                said[kind.value].span,
                "write `walk_forward train 90d test 30d`",
            )


def _benchmark(setting: Setting | None, desk: Desk) -> str:
    """Read an instrument, or the word for all of the universe."""
    if setting is not None and isinstance(setting.value, Name) and setting.value.name == UNIVERSE:
        return UNIVERSE
    symbols = desk.quotes(setting)
    if setting is not None and setting.value is not None and len(symbols) > 1:
        desk.faults.error(
            "AF231",
            "`benchmark` is one instrument",
            setting.value.span,
            "keep one of them, or write `benchmark universe`",
        )
    return symbols[0] if len(symbols) == 1 else ""


def _holdout(setting: Setting, desk: Desk) -> Holdout | None:
    forms = {Form.DURATION, Form.PERCENT}
    amount = desk.amount(setting, forms, "days or a share such as `60d` or `20%`")
    if amount is None:
        return None
    assert setting.value is not None
    if amount.form is Form.DURATION:
        days = amount.value / DAY_SECONDS
        if days.denominator == 1 and days >= 1:
            return Holdout(days=int(days))
    else:
        share = decimal_of(amount)
        if share is not None and Decimal(0) < share < 1:
            return Holdout(share=share)
    desk.faults.error(
        "AF230",
        "`holdout` is out of range",
        setting.value.span,
        "write whole days such as `60d`, or a share above 0% and below 100%",
    )
    return None

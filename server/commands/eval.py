"""``alphaforge eval FILE|-e EXPR --dataset NAME --out F.parquet``: the values of a formula."""

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.durations import duration_text, seconds_of
from ...core.errors import InvalidInputError, UsageError
from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..toolcall import add_dialect, add_params, params_of, read_text

if TYPE_CHECKING:
    from ...dsl.compile import Compilation
    from ...dsl.strategy import Strategy
    from ...runs.feeds import Cards


def configure(parser: ArgumentParser) -> None:
    """Add the text, the data and the file to write."""
    parser.add_argument("file", nargs="?", help="a strategy file: its signal is evaluated")
    parser.add_argument("-e", dest="expression", help="a bare expression")
    parser.add_argument(
        "--dataset",
        action="append",
        default=[],
        help="data set; overrides the one the text names, okx=NAME another",
    )
    parser.add_argument("--bar", default="1h", help="grid of a bare expression")
    add_dialect(parser)
    add_params(parser)
    help_ = "Parquet: ts, symbol, value, and a column for each feature"
    parser.add_argument("--out", type=Path, required=True, help=help_)


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.EVAL, session.principal, resource=", ".join(args.dataset))


def run(session: Session, args: Namespace) -> Answer:
    """Compile, evaluate on the data set, write one row a bar and instrument."""
    from ...dsl.compile import compile_text
    from ...runs.feeds import cards_of, datasets_of

    text = read_text(args.file, args.expression)
    if text is None:
        raise UsageError("nothing to evaluate", help="name a file, or use -e")
    made = compile_text(
        text,
        session.lab.catalogue,
        bar_seconds=seconds_of(args.bar),
        dialect=args.dialect,
        params=params_of(args),
    )
    cards = cards_of(session.lab.lake, datasets_of(made, ",".join(args.dataset)))
    rows, notes = _write(session, made, cards, args.out)
    data = {
        "fingerprint": made.fingerprint,
        "dataset": cards.first.name,
        "snapshot": cards.first.snapshot,
        "sources": cards.settings(),
        "notes": list(notes),
        "rows": rows,
        "warmup_bars": made.warmup_bars,
        "out": str(args.out),
    }
    told = "".join(f"\nnote: {note}" for note in notes)
    return Answer(data, f"{rows} values of {made.canonical}\n{args.out}{told}")


def _write(
    session: Session, made: "Compilation", cards: "Cards", out: Path
) -> tuple[int, tuple[str, ...]]:
    """Evaluate over the whole data set; values outside the universe are missing."""
    import numpy as np
    import polars as pl

    from ...engine.cache import Cache
    from ...engine.evaluate import Evaluator
    from ...engine.kernels import Kernels
    from ...engine.universe import universe_mask
    from ...runs.engine import engine_of
    from ...runs.feeds import feeds_of

    strategy = made.require()
    _require_bar(strategy.bar_seconds, cards)
    traded, others = feeds_of(cards, made)
    read = [name for name in made.inputs if "." not in name]
    end, withheld = _end(strategy, cards)
    panel = session.lab.lake.joined(replace(traded, fields=(*read, "close")), others, end=end)
    roots = {"value": strategy.signal, **dict(strategy.features)}
    home, engine = session.home, engine_of(strategy)
    with Cache(home.cache, home.cache_bytes, engine=engine) as cache:
        evaluator = Evaluator(Kernels(home.kernels), memory=cache)
        mask = universe_mask(strategy.universe, panel, evaluator)
        found = dict(zip(roots, evaluator.evaluate(list(roots.values()), panel, mask), strict=True))
    if made.source_kind == "strategy":
        found = {name: np.where(mask, values, np.nan) for name, values in found.items()}
    bars, names = panel.shape
    times = np.repeat(panel.times, names)
    frame = pl.DataFrame(
        {
            "ts": pl.from_epoch(pl.Series(times), time_unit="s").dt.replace_time_zone("UTC"),
            "symbol": np.tile(np.array(panel.symbols), bars),
            **{name: values.reshape(-1) for name, values in found.items()},
        }
    ).with_columns(pl.col("ts").dt.cast_time_unit("ms"))
    out.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(out)
    return frame.height, (*panel.notes, *withheld)


def _end(strategy: "Strategy", cards: "Cards") -> tuple[datetime | None, tuple[str, ...]]:
    """Return where a holdout begins, and what to say of it: its bars are not loaded."""
    from ...engine.holdout import withheld
    from ...runs.window import days_of

    days = withheld(strategy, days_of(cards.first))
    if days is None:
        return None, ()
    start = datetime(days.start.year, days.start.month, days.start.day, tzinfo=UTC)
    return start, (f"withheld by the text's holdout: all from {days.start} on",)


def _require_bar(bar_seconds: int, cards: "Cards") -> None:
    for card in (cards.first, *(card for _, card in cards.others)):
        if card.bar_seconds != bar_seconds:
            raise InvalidInputError(
                f"the text counts bars of {duration_text(bar_seconds)}, `{card.name}` has bars of "
                f"{duration_text(card.bar_seconds)}",
                help=f"write `bar {duration_text(card.bar_seconds)}` into the text's `data`, give "
                f"a bare formula `--bar {duration_text(card.bar_seconds)}`, or choose another data "
                "set",
            )


COMMAND = Command("eval", "write the values of a formula to Parquet", configure, run, request)

"""The door to DuckDB, locked down: scorecards and statistics over one snapshot's files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ...core.clock import to_text
from ...core.diagnostics import Severity
from .. import tables
from ..card import DatasetCard
from ..fields import FAULT, column
from ..finding import FieldSummary, Finding
from ..rehash import is_unchanged
from .cell_rules import empty_rule
from .rule import Rule
from .rules import MOVES, RULES

# An equal row twice loses nothing; every other fault is a bar that nobody can trust.
_HARMLESS_FAULTS = {"duplicate"}
_FAULT_SENTENCES = {
    "duplicate": "rows repeat an equal row, counted once",
    "duplicate_conflict": "rows contradict another row of their bar, all left out",
    "off_grid": "rows do not open on the bar grid, left out",
    "ohlc_order": "rows have high or low out of order, left out",
    "price_missing": "rows lack a price, left out",
    "price_not_positive": "rows have a price of zero or less, left out",
}


def check_table(lake: Path, folder: Path, card: DatasetCard) -> list[Finding]:
    """Return what is wrong or odd in one snapshot."""
    paths = tables.files(folder, card.table_version, card.snapshot)
    found = [*_content_findings(paths, card), *_multiple_findings(card)]
    with locked_down(lake) as connection:
        _load(connection, paths, card)
        found += _fault_findings(connection)
        if "close" in card.fields:
            connection.execute(MOVES)
        for rule in asked(card):
            found += _ask(connection, rule)
    return found


def looked_for(card: DatasetCard) -> list[tuple[str, Severity]]:
    """Return the name and severity of everything that a check of a dataset looks for."""
    faults = [(rule, _fault_severity(rule)) for rule in _FAULT_SENTENCES]
    always = [("content_changed", Severity.ERROR), ("multiple", Severity.NOTE)]
    return [*always, *faults, *((rule.name, rule.severity) for rule in asked(card))]


def asked(card: DatasetCard) -> list[Rule]:
    """Return the questions for which a dataset has the fields."""
    empty = [rule for name in card.fields if (rule := empty_rule(name))]
    return [rule for rule in (*RULES, *empty) if set(rule.needs) <= set(card.fields)]


def summarise(lake: Path, folder: Path, card: DatasetCard) -> list[FieldSummary]:
    """Return count, range, median and mean of every field over the served bars."""
    paths = tables.files(folder, card.table_version, card.snapshot)
    with locked_down(lake) as connection:
        _load(connection, paths, card)
        return [_summary(connection, name) for name in card.fields]


@contextmanager
def locked_down(*folders: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection that reads below the folders, writes nowhere and cannot be loosened."""
    connection = duckdb.connect(
        ":memory:",
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
    )
    try:
        # SET takes no parameters; a quote in the path is doubled, as SQL wants it.
        paths = [str(folder.resolve()).replace("'", "''") for folder in folders]
        allowed = ", ".join(f"'{path}'" for path in paths)
        connection.execute(f"SET allowed_directories=[{allowed}]")
        connection.execute("SET enable_external_access=false")
        connection.execute("SET lock_configuration=true")
        yield connection
    finally:
        connection.close()


def _load(connection: duckdb.DuckDBPyConnection, paths: list[str], card: DatasetCard) -> None:
    # Field names are identifiers of the card, made of [a-z0-9_] only; quoting keeps keywords apart.
    names = ", ".join(f'"{name}"' for name in card.fields)
    connection.execute(
        f"CREATE TEMP TABLE stored AS SELECT epoch_us(ts) // 1000000 AS ts, symbol, {names}, "
        f"{FAULT} FROM read_parquet(?, hive_partitioning = false)",
        [paths],
    )
    connection.execute(
        f"CREATE TEMP VIEW bars AS SELECT * EXCLUDE ({FAULT}) FROM stored WHERE {FAULT} IS NULL"
    )
    connection.execute(
        "CREATE TEMP TABLE facts AS SELECT ?::BIGINT AS step, min(ts) AS first, max(ts) AS last, "
        "count(DISTINCT symbol) AS symbols, ?::BIGINT AS known FROM bars",
        [card.bar_seconds, _imported(card)],
    )


def _imported(card: DatasetCard) -> int | None:
    if not card.imported_at:
        return None
    return int(datetime.fromisoformat(card.imported_at).timestamp())


def _multiple_findings(card: DatasetCard) -> Iterator[Finding]:
    for info in card.infos():
        if info.multiplier != 1:
            yield Finding(
                "multiple",
                Severity.NOTE,
                f"a contract is on {info.multiplier} {info.base}: its price is not the coin's",
                info.symbol,
            )


def _ask(connection: duckdb.DuckDBPyConnection, rule: Rule) -> list[Finding]:
    return [
        _finding(rule.name, rule.severity, row) for row in connection.execute(rule.sql).fetchall()
    ]


def _fault_findings(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    rows = connection.execute(
        f"SELECT symbol, count(*), min(ts), {FAULT} FROM stored WHERE {FAULT} IS NOT NULL "
        f"GROUP BY symbol, {FAULT} ORDER BY {FAULT}, symbol"
    ).fetchall()
    return [
        _finding(
            rule,
            _fault_severity(rule),
            (symbol, count, first, _FAULT_SENTENCES.get(rule, "rows left out")),
        )
        for symbol, count, first, rule in rows
    ]


def _fault_severity(rule: str) -> Severity:
    return Severity.WARNING if rule in _HARMLESS_FAULTS else Severity.ERROR


def _finding(rule: str, severity: Severity, row: Sequence[object]) -> Finding:
    symbol, count, first, sentence = row
    at = to_text(datetime.fromtimestamp(int(str(first)), UTC))
    return Finding(rule, severity, f"{count} {sentence}", str(symbol), int(str(count)), at)


def _content_findings(paths: list[str], card: DatasetCard) -> Iterator[Finding]:
    """Hash the stored rows again: a changed file shows, whoever changed it."""
    if not is_unchanged(paths, card):
        yield Finding(
            "content_changed",
            Severity.ERROR,
            f"the stored rows are not those of `{card.snapshot}`: import the file again",
        )


def _summary(connection: duckdb.DuckDBPyConnection, name: str) -> FieldSummary:
    row = connection.execute(
        f"SELECT count(x), count(*) - count(x), min(x), median(x), max(x), avg(x) "
        f'FROM (SELECT CASE WHEN isfinite("{name}") THEN "{name}" END AS x FROM bars)'
    ).fetchone()
    assert row is not None
    return FieldSummary(name, column(name).unit, *row)

"""The demo's data: the real hourly panel where it is found, else the seeded market simulator."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...core.clock import SystemClock
from ...core.home import Home
from ...data.card import DatasetCard
from ...data.lake import Lake

REAL_FILE = Path("open") / "binance_usdm_1h_2025.parquet"
SEED = 20250501
START = datetime(2025, 5, 1, tzinfo=UTC)
BARS = 24 * 240


@dataclass(frozen=True, slots=True)
class DemoMarket:
    """The data set, the template that has something to find in it, and a change to try."""

    card: DatasetCard
    template: str
    variation: tuple[str, str]


def find_real(shared: Path | None) -> Path | None:
    """Look for the real panel in the folder that was named, or beside the checkout."""
    places = [shared] if shared is not None else []
    places.append(Path.cwd().parent / "shared" / "data")
    return next((place / REAL_FILE for place in places if (place / REAL_FILE).is_file()), None)


def open_market(home: Home, shared: Path | None) -> DemoMarket:
    """Import the real panel, or simulate one."""
    lake = Lake(home.make().lake, SystemClock())
    real = find_real(shared)
    if real is not None:
        card = lake.import_file(real, "perps_1h")
        return DemoMarket(card, "midfreq_low_volatility", ("(ret, 14d)", "(ret, 21d)"))
    from ...data.market import simulate_market

    table, truth = simulate_market(SEED, bars=BARS, start=START)
    card = lake.import_table(table, "synthetic_1h", truth.source())
    return DemoMarket(card, "midfreq_reversal", ("(ret, 24h)", "(ret, 36h)"))

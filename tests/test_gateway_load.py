"""What the gateway takes from the server's folders, and what it does not believe."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from alphaforge.core.clock import SystemClock
from alphaforge.core.errors import TamperedError
from alphaforge.core.home import Home
from alphaforge.data.card import DatasetCard
from alphaforge.data.cards import Cards
from alphaforge.server.gateway_load import Load, load_text, own_kernels
from alphaforge.tests.humans import PLAN
from alphaforge.tests.tool_lab import FIRST, copied, home_at


def load(root: Path, snapshot: str) -> Load:
    plan = replace(PLAN, snapshots=(snapshot,))
    return load_text(FIRST, plan, home_at(root), Home(root.parent / "gateway"), SystemClock())


def test_A4_rows_changed_under_the_name_of_their_snapshot_are_not_loaded(tmp_path: Path) -> None:
    lab, home = copied(tmp_path)
    snapshot = home.first["snapshot"]
    assert load(home.root, snapshot).loaded.snapshots == (snapshot,)
    part = next(iter(lab.lake.root.rglob("*.parquet")))
    stored = pl.read_parquet(part, hive_partitioning=False)
    stored.with_columns(pl.col("close") * 1.0000001).write_parquet(part)
    with pytest.raises(TamperedError, match="not those of"):
        load(home.root, snapshot)


@pytest.mark.parametrize(
    "forged",
    [
        lambda card: replace(card, symbols=(*card.symbols[1:], card.symbols[0])),
        lambda card: replace(card, start=card.start.replace("T00", "T01")),
        lambda card: replace(card, fields=card.fields[1:]),
    ],
    ids=["symbols", "start", "fields"],
)
def test_A4_a_card_that_lays_true_rows_out_in_another_way_is_not_believed(
    tmp_path: Path, forged: Callable[[DatasetCard], DatasetCard]
) -> None:
    lab, home = copied(tmp_path)
    card = lab.lake.card("sim")
    other = forged(card)
    assert other != card
    Cards(lab.lake.root / "cards").put(other)
    with pytest.raises(TamperedError, match="not those of"):
        lab.lake.require_unchanged("sim", snapshot=home.first["snapshot"])


def test_A4_kernels_that_others_may_write_are_not_run_by_the_gateway(tmp_path: Path) -> None:
    gateway, shared = Home(tmp_path / "gateway"), tmp_path / "kernels"
    own = gateway.root / "kernels"
    assert own_kernels(None, gateway) == own_kernels(shared, gateway) == own
    (shared / "v1").mkdir(parents=True)
    compiled = shared / "v1" / "rank.nbc"
    compiled.touch()
    for place, mode in ((shared, 0o700), (shared / "v1", 0o755), (compiled, 0o644)):
        place.chmod(mode)
    assert own_kernels(shared, gateway) == shared
    for place in (shared, shared / "v1", compiled):
        before = place.stat().st_mode
        for open_to in (0o020, 0o002):
            place.chmod(before | open_to)
            assert own_kernels(shared, gateway) == own
        place.chmod(before)
    assert own_kernels(shared, gateway) == shared
    (tmp_path / "link").symlink_to(shared)
    assert own_kernels(tmp_path / "link", gateway) == own


def test_A4_kernels_of_another_user_are_not_run_by_the_gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "kernels"
    shared.mkdir(mode=0o700)
    other = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: other)
    gateway = Home(tmp_path / "gateway")
    assert own_kernels(shared, gateway) == gateway.root / "kernels"

"""Search finds what it should, in pages that fit, whatever happened to the index."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from alphaforge.core.errors import BrokenError, InvalidInputError, NotFoundError
from alphaforge.dsl.vector import STRUCTURE_VERSION
from alphaforge.memory import index as index_module
from alphaforge.memory.experiment import ExperimentKind
from alphaforge.memory.experiments import Experiments
from alphaforge.memory.filters import Filters
from alphaforge.memory.hashing import HashingEmbedder
from alphaforge.memory.index import Index
from alphaforge.memory.marks import condition, marks_wanted
from alphaforge.memory.query import Hit, Page, Query
from alphaforge.memory.records import compile_record
from alphaforge.memory.scan import Scan
from alphaforge.memory.search import search
from alphaforge.tests.memory_world import AGENT, compiled, store, together, tried

TREND = "rank(ts_mean(close, 24) / close)"
NEAR = "rank(ts_mean(close, 30) / close)"
CARRY = "-zscore(ts_mean(funding_rate, 72))"
VOLUME = "rank(volume / ts_mean(volume, 168))"
NOTED = """strategy calm_names {
  doc "Quiet instruments beat wild ones"
  data perps bar 1h
  signal -rank(ts_std(returns(close), 168))
}"""
ALL = ((TREND, 1.5), (NEAR, 1.2), (CARRY, 2.0), (VOLUME, -0.5), (NOTED, 0.7))


@pytest.fixture
def experiments(tmp_path: Path) -> Experiments:
    made = store(tmp_path)
    for text, sharpe in ALL:
        made.record(tried(text, sharpe))
    return made


def asked(experiments: Experiments, folder: Path, query: Query, **how: object) -> Page:
    return search(query, experiments=experiments, folder=folder / "memory", **how)  # type: ignore[arg-type]


def texts(page: Page) -> list[str]:
    return [hit.experiment.text for hit in page.hits]


@pytest.mark.parametrize(
    ("words", "first", "reason"),
    [
        ("funding", CARRY, "words `funding`"),
        ("quiet instruments", NOTED, "words `quiet`, `instruments`"),
        ("volume", VOLUME, "words `volume`"),
        ("calm nmes wld", NOTED, "words `calm`"),
        ("volumes", VOLUME, "words `volumes`"),
        ("vollume", VOLUME, "words are alike"),
    ],
)
def test_words_find_what_says_them(
    experiments: Experiments, tmp_path: Path, words: str, first: str, reason: str
) -> None:
    page = asked(experiments, tmp_path, Query(words=words))
    assert texts(page)[0] == first
    assert page.hits[0].reason == reason
    assert page.hits[0].nearness == 1.0


def test_words_that_nobody_said_find_nothing(experiments: Experiments, tmp_path: Path) -> None:
    assert texts(asked(experiments, tmp_path, Query(words="zebra xylophone"))) == []


def test_like_an_id_finds_its_neighbours_nearest_first(
    experiments: Experiments, tmp_path: Path
) -> None:
    page = asked(experiments, tmp_path, Query(like=tried(TREND).id))
    assert texts(page)[0] == NEAR
    assert TREND not in texts(page)
    assert page.hits[0].reason.startswith("structure 0.9")
    assert "lacks" not in page.hits[0].reason
    with pytest.raises(NotFoundError, match="no experiment `exp_none`"):
        asked(experiments, tmp_path, Query(like="exp_none"))


def test_like_a_text_finds_the_same_signal_and_not_its_opposite(
    experiments: Experiments, tmp_path: Path
) -> None:
    same = asked(experiments, tmp_path, Query(like_text=compiled(TREND)))
    assert texts(same)[:2] == [TREND, NEAR]
    assert same.hits[0].reason == "same signal"

    flipped = asked(experiments, tmp_path, Query(like_text=compiled(f"-{TREND}")))
    assert TREND not in texts(flipped)
    assert NEAR not in texts(flipped)
    assert flipped.notes == (f"turned upside down it is `{tried(TREND).id}`, which was tried",)


def test_novelty_is_the_distance_to_the_nearest_earlier_run(
    experiments: Experiments, tmp_path: Path
) -> None:
    experiments.record(tried(f"-{TREND}", 0.1))
    page = asked(experiments, tmp_path, Query(sort="novelty"))
    # Nobody asked by likeness yet, so nothing was rated.
    assert {hit.reason for hit in page.hits} == {"novelty unrated"}

    Index(tmp_path / "memory", experiments).sync()
    page = asked(experiments, tmp_path, Query(sort="novelty"))
    by_text = {hit.experiment.text: hit for hit in page.hits}
    assert by_text[TREND].novelty == 1.0
    assert (by_text[CARRY].novelty or 0.0) > 0.5
    assert 0.0 < (by_text[NEAR].novelty or 0.0) < 0.1
    assert by_text[NEAR].nearest == tried(TREND).id
    # Turning a formula upside down is no new idea.
    assert by_text[f"-{TREND}"].novelty == pytest.approx(0.0, abs=1e-3)
    novelties = [hit.novelty for hit in page.hits]
    assert novelties == sorted(novelties, key=lambda value: -(value or 0.0))
    assert page.hits[-1].reason.startswith("novelty 0.00, nearest `exp_")


def sharpes(hits: tuple[Hit, ...]) -> list[float | None]:
    return [hit.experiment.metric("sharpe") for hit in hits]


def test_sorts_order_by_what_they_say(experiments: Experiments, tmp_path: Path) -> None:
    assert sharpes(asked(experiments, tmp_path, Query(sort="sharpe")).hits) == [
        2.0,
        1.5,
        1.2,
        0.7,
        -0.5,
    ]
    recent = asked(experiments, tmp_path, Query())
    assert texts(recent) == [text for text, _ in reversed(ALL)]
    assert recent.hits[0].reason == "tried 2026-01-01T00:04"
    deflated = asked(experiments, tmp_path, Query(sort="deflated"))
    chances = [hit.deflated.probability for hit in deflated.hits if hit.deflated]
    assert len(chances) == 5
    assert chances == sorted(chances, reverse=True)
    assert "after 5 trials" in deflated.hits[0].reason
    among = asked(experiments, tmp_path, Query(words="close", sort="sharpe"))
    assert sharpes(among.hits) == sorted(sharpes(among.hits), key=lambda value: -(value or 0.0))
    assert CARRY not in texts(among)


def test_every_sharpe_that_is_shown_has_its_deflated_value(
    experiments: Experiments, tmp_path: Path
) -> None:
    for query in (Query(), Query(words="close"), Query(like=tried(TREND).id)):
        for hit in asked(experiments, tmp_path, query).hits:
            assert hit.deflated is not None
            assert hit.deflated.trials == 5


@pytest.mark.parametrize(
    "query",
    [Query(sort="sharpe"), Query(words="close volume rank"), Query(sort="deflated")],
    ids=["store", "words", "deflated"],
)
def test_pages_fit_together_whatever_comes_in_between(
    experiments: Experiments, tmp_path: Path, query: Query
) -> None:
    whole = texts(asked(experiments, tmp_path, query))
    first = asked(experiments, tmp_path, query, limit=2)
    experiments.record(tried("rank(volume / close)", 9.0))
    found, cursor = texts(first), first.next_cursor
    while cursor:
        page = asked(experiments, tmp_path, query, limit=2, cursor=cursor)
        assert page.total == len(whole)
        found, cursor = found + texts(page), page.next_cursor
    assert found == whole
    assert len(whole) >= 4


def test_I3_a_cursor_is_bound_to_its_question(experiments: Experiments, tmp_path: Path) -> None:
    cursor = asked(experiments, tmp_path, Query(sort="sharpe"), limit=2).next_cursor
    others = (Query(sort="recent"), Query(sort="sharpe", tenant="other"), Query(words="close"))
    for other in others:
        with pytest.raises(InvalidInputError, match="belongs to another question"):
            asked(experiments, tmp_path, other, cursor=cursor)
    for bad in ("x", "!!!", "e30", cursor[:-3], "A" * 500):
        with pytest.raises(InvalidInputError, match="cursor"):
            asked(experiments, tmp_path, Query(sort="sharpe"), cursor=bad)


@pytest.mark.parametrize(
    ("query", "limit", "said"),
    [
        (Query(sort="sharp"), 5, "there is no sort `sharp`"),
        (Query(sort="relevance"), 5, "nothing to be relevant to"),
        (Query(words="x" * 501), 5, "has 501 characters"),
        (Query(), 51, "a limit of `51`"),
        (Query(), 0, "a limit of `0`"),
        (Query(like="exp_1", like_text=compiled(TREND)), 5, "both given"),
    ],
)
def test_questions_that_cannot_be_are_refused(
    experiments: Experiments, tmp_path: Path, query: Query, limit: int, said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said):
        asked(experiments, tmp_path, query, limit=limit)


def test_filters_hold_in_every_leg(experiments: Experiments, tmp_path: Path) -> None:
    experiments.record(tried(VOLUME, 3.0, dataset="spot", snapshot="snap_2"))
    experiments.record(compile_record(compiled(TREND), AGENT))
    for query in (Query(words="volume"), Query(like_text=compiled(VOLUME)), Query(sort="sharpe")):
        spot = replace(query, filters=Filters(dataset="spot"))
        assert [hit.experiment.dataset for hit in asked(experiments, tmp_path, spot).hits] == [
            "spot"
        ]
        ranked = replace(query, filters=Filters(operators=("rank", "ts_mean")))
        for hit in asked(experiments, tmp_path, ranked).hits:
            assert {"rank", "ts_mean"} <= set(hit.experiment.operators)
    compiles = Query(words="close", filters=Filters(kinds=(ExperimentKind.COMPILE,)))
    assert texts(asked(experiments, tmp_path, compiles)) == [TREND]


def test_I6_no_leg_shows_another_tenants_experiments(
    experiments: Experiments, tmp_path: Path
) -> None:
    theirs = tried(TREND, 9.0, principal=replace(AGENT, tenant="other"))
    experiments.record(theirs)
    for query in (Query(words="close"), Query(like_text=compiled(TREND)), Query(sort="sharpe")):
        assert theirs.id not in {
            hit.experiment.id for hit in asked(experiments, tmp_path, query).hits
        }
        there = asked(experiments, tmp_path, replace(query, tenant="other"))
        assert [hit.experiment.id for hit in there.hits] == [theirs.id]
        assert there.hits[0].novelty in {None, 1.0}
    with pytest.raises(NotFoundError):
        asked(experiments, tmp_path, Query(like=theirs.id))


def test_a_changed_record_is_found_as_it_is_now(experiments: Experiments, tmp_path: Path) -> None:
    failed = tried("rank(open)", None, state="failed", error="AF500: kaboom")
    experiments.record(failed)
    assert texts(asked(experiments, tmp_path, Query(words="kaboom"))) == ["rank(open)"]
    experiments.record(tried("rank(open)", 1.0))
    assert texts(asked(experiments, tmp_path, Query(words="kaboom"))) == []
    completed = Query(words="open", filters=Filters(state="completed"))
    assert texts(asked(experiments, tmp_path, completed)) == ["rank(open)"]


def answers(experiments: Experiments, folder: Path) -> list[list[tuple[str, float | None]]]:
    queries = (Query(words="close rank"), Query(like=tried(TREND).id), Query(words="funding"))
    return [
        [(hit.experiment.id, hit.nearness) for hit in asked(experiments, folder, query).hits]
        for query in queries
    ]


def spoil(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_bytes(b"nonsense")


@pytest.mark.parametrize(
    "harm",
    [shutil.rmtree, spoil, lambda folder: shutil.rmtree(next(folder.rglob("data")))],
    ids=["gone", "nonsense", "rows gone"],
)
def test_an_index_that_is_harmed_heals_by_itself(
    experiments: Experiments, tmp_path: Path, harm: object
) -> None:
    before = answers(experiments, tmp_path)
    harm(tmp_path / "memory")  # type: ignore[operator]
    assert answers(experiments, tmp_path) == before


def test_a_rebuilt_index_answers_as_the_one_that_grew(
    experiments: Experiments, tmp_path: Path
) -> None:
    for number in range(3, 9):
        experiments.record(tried(f"rank(ts_mean(close, {number * 10}) / close)"))
        asked(experiments, tmp_path, Query(words="close"))
    grown = answers(experiments, tmp_path)
    rated = {item.id: experiments.novelty(item.id) for _, item in experiments.changes(0, 99)}
    assert Index(tmp_path / "memory", experiments).rebuild() == experiments.size()
    assert answers(experiments, tmp_path) == grown
    fresh = store(tmp_path / "fresh")
    for _, item in experiments.changes(0, 99):
        fresh.record(item)
    Index(tmp_path / "fresh" / "memory", fresh).sync()
    assert {item.id: fresh.novelty(item.id) for _, item in fresh.changes(0, 99)} == rated


def test_an_index_ahead_of_a_restored_store_is_built_anew(tmp_path: Path) -> None:
    old = store(tmp_path / "old")
    new = store(tmp_path / "new")
    for text, sharpe in ALL:
        new.record(tried(text, sharpe))
    old.record(tried(CARRY))
    asked(new, tmp_path, Query(words="close"))
    assert texts(asked(old, tmp_path, Query(words="funding"))) == [CARRY]
    assert texts(asked(old, tmp_path, Query(words="volume"))) == []


def test_doubles_in_the_index_are_shown_once(experiments: Experiments, tmp_path: Path) -> None:
    made = Index(tmp_path / "memory", experiments)
    made.sync()
    # What two processes that catch up at once may leave: LanceDB has no unique keys.
    table = made._open()
    table._table.add(table._table.to_arrow())
    assert table.count() == 2 * len(ALL)
    for query in (Query(words="close"), Query(like_text=compiled(TREND))):
        ids = [hit.experiment.id for hit in asked(experiments, tmp_path, query).hits]
        assert len(ids) == len(set(ids)) > 0


def test_two_processes_may_index_at_once(experiments: Experiments, tmp_path: Path) -> None:
    for number in range(2, 40):
        experiments.record(tried(f"rank(ts_std(close, {number}))"))
    code = (
        "import sys; from pathlib import Path\n"
        "from alphaforge.tests.memory_world import store\n"
        "from alphaforge.memory.index import Index\n"
        "import alphaforge.memory.lance\n"
        "index = Index(Path(sys.argv[1]) / 'memory', store(Path(sys.argv[1])))\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(index.sync())\n"
    )
    together(code, tmp_path)
    near = asked(
        experiments, tmp_path, Query(like_text=compiled("rank(ts_std(close, 20))")), limit=50
    )
    ids = [hit.experiment.id for hit in near.hits]
    assert len(ids) == len(set(ids))
    assert ids[0] == tried("rank(ts_std(close, 20))").id


def test_the_index_agrees_with_a_scan_of_the_store(
    experiments: Experiments, tmp_path: Path
) -> None:
    made = Index(tmp_path / "memory", experiments)
    scan = Scan(experiments, HashingEmbedder())
    marks = marks_wanted(Filters(), AGENT.tenant)
    vector = HashingEmbedder().embed(["rank of the close"])[0]
    by_index = made.ask(lambda legs: legs.near("words", vector, marks=marks, seen=99, limit=9))
    by_scan = scan.near("words", vector, marks=marks, seen=99, limit=9)
    assert [match.id for match in by_index] == [match.id for match in by_scan]
    for one, other in zip(by_index, by_scan, strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-5)


def test_without_the_index_a_small_store_is_scanned_and_it_is_said(
    experiments: Experiments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise BrokenError("the disk is full")

    whole = texts(asked(experiments, tmp_path, Query(words="funding")))
    monkeypatch.setattr(index_module.Index, "ask", broken)
    page = asked(experiments, tmp_path, Query(words="funding"))
    assert texts(page) == whole
    assert "the search index could not be used (the disk is full)" in page.notes[0]


def test_D1_no_word_of_a_caller_becomes_part_of_a_condition(
    experiments: Experiments, tmp_path: Path
) -> None:
    evil = "x' OR '1'='1"
    for query in (
        Query(words=evil, filters=Filters(dataset=evil)),
        Query(like_text=compiled(TREND), filters=Filters(author=evil)),
        Query(like_text=compiled(TREND), tenant=evil),
    ):
        assert texts(asked(experiments, tmp_path, query)) == []
    assert texts(asked(experiments, tmp_path, Query(words='funding" OR (*'))) == [CARRY]
    with pytest.raises(ValueError, match="is not a mark"):
        condition([evil], 1)


def test_an_empty_memory_answers_without_an_index(tmp_path: Path) -> None:
    page = asked(store(tmp_path), tmp_path, Query(words="anything"))
    assert (page.hits, page.total) == ((), 0)
    assert not (tmp_path / "memory").exists()


def test_another_recipe_is_another_table(experiments: Experiments, tmp_path: Path) -> None:
    small = HashingEmbedder(dimensions=64)
    assert texts(asked(experiments, tmp_path, Query(words="funding"), embedder=small)) == [CARRY]
    assert texts(asked(experiments, tmp_path, Query(words="funding"))) == [CARRY]
    assert STRUCTURE_VERSION in Index(tmp_path, experiments, small).name

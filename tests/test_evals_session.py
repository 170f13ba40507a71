"""The session format: what is written is read again, what is none is refused with its line."""

from pathlib import Path

import pytest

from alphaforge.core.errors import ConflictError, InvalidInputError, NotFoundError
from alphaforge.evals import SessionRecorder, read_session
from alphaforge.evals.session import (
    DatasetNote,
    Footer,
    Header,
    Line,
    Question,
    Reply,
    Session,
    line_of,
)

HEADER = Header(
    alphaforge="0.1.0",
    engine="eng_1",
    bundle_hash="b",
    packs={"midfreq": "h"},
    seed="5eed",
    clock_start="2025-06-15T00:00:00.000000Z",
    principal="agent:a",
    sponsor="human:b",
    roles=("agent",),
    tenant="local",
    datasets=(
        DatasetNote(
            name="sim",
            snapshot="snap_1",
            origin="seed 7",
            is_synthetic=True,
            bar_seconds=3600,
            start="s",
            end="e",
            symbols=8,
        ),
    ),
    experiments_before=0,
    journal_head="0",
)
QUESTION = Question(
    number=1, at="2025-06-15T00:00:01Z", tool="compile", arguments={"text": "\u2028é"}
)
REPLY = Reply(number=1, is_error=False, fields={"sharpe": 1.1}, text="ok")
FOOTER = Footer(calls=1, journal_head="1", experiments_after=1)


def written(path: Path, *lines: Line) -> Path:
    path.write_text("".join(line_of(line) for line in lines), encoding="utf-8")
    return path


def test_a_session_reads_back_as_it_was_written(tmp_path: Path) -> None:
    file = written(tmp_path / "s.jsonl", HEADER, QUESTION, REPLY, FOOTER)
    assert read_session(file) == Session(HEADER, (QUESTION,), {1: REPLY}, FOOTER)


def test_a_session_that_was_cut_off_reads_up_to_its_last_whole_line(tmp_path: Path) -> None:
    file = written(tmp_path / "s.jsonl", HEADER, QUESTION)
    with file.open("a", encoding="utf-8") as torn:
        torn.write(line_of(REPLY)[:20])
    assert read_session(file) == Session(HEADER, (QUESTION,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "header"),
        (line_of(QUESTION), "header"),
        (line_of(HEADER) + "{}\n", "line 2"),
        (line_of(HEADER) + "not json\n", "line 2"),
        (line_of(HEADER) + '{"kind": "answer", "number": "x"}\n', "line 2"),
        (line_of(HEADER).replace('"version": 1', '"version": 9'), "version 9"),
        ("[" * 100_000 + "\n", "line 1"),
    ],
)
def test_what_is_no_session_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "s.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=said):
        read_session(file)


def test_a_session_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_session(tmp_path / "none.jsonl")


def test_a_recording_never_overwrites_a_file(tmp_path: Path) -> None:
    file = written(tmp_path / "s.jsonl", HEADER)
    with pytest.raises(ConflictError):
        SessionRecorder(file)
    assert read_session(file).header == HEADER


def test_the_page_of_the_format_names_every_field() -> None:
    from alphaforge.tests.helpers import REPO

    page = (REPO / "docs" / "evals.md").read_text(encoding="utf-8")
    for shape in (Header, Question, Reply, Footer, DatasetNote):
        for name in shape.__dataclass_fields__:
            assert f"`{name}`" in page, name

"""`alphaforge fmt` as a person or a hook calls it: files, stdin, checks, patches, safe writing."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from alphaforge.core.home import Home
from alphaforge.dsl.layout import format_text
from alphaforge.server.cli import run_command
from alphaforge.server.compose import open_catalogue
from alphaforge.server.rewriting import rewrite
from alphaforge.tests.helpers import REPO
from alphaforge.tests.tool_lab import environment

MESSY = "strategy s {\nsignal   rank( returns)  # why\n}\n"
TIDY = format_text(MESSY)
WRONG = "strategy s {\nsignal   rank( returns\n}\n"


def fmt(folder: Path, *words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = run_command(["fmt", *words, "--home", str(folder / "home")])
    said = capsys.readouterr()
    return code, said.out, said.err


def file(folder: Path, text: str, name: str = "s.af") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_a_file_is_printed_and_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(tmp_path, MESSY)
    assert fmt(tmp_path, str(path), capsys=capsys) == (0, TIDY, "")
    assert path.read_text() == MESSY


def test_a_check_says_which_files_would_change_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = file(tmp_path, MESSY), file(tmp_path, TIDY, "t.af")
    code, out, _ = fmt(tmp_path, str(one), str(two), "--check", capsys=capsys)
    assert code == 1
    assert out == f"{one}: would change\n{two}: laid out already\n"
    assert fmt(tmp_path, str(two), "--check", capsys=capsys)[0] == 0
    assert one.read_text() == MESSY


def test_a_patch_shows_what_would_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(tmp_path, MESSY)
    code, out, _ = fmt(tmp_path, str(path), "--diff", "--check", capsys=capsys)
    assert code == 1
    rows = out.splitlines()
    assert rows[0] == f"--- {path}"
    assert "-signal   rank( returns)  # why" in rows
    assert "+  signal    rank(returns)  # why" in rows
    path.write_text(TIDY)
    assert fmt(tmp_path, str(path), "--diff", capsys=capsys) == (0, "", "")


def test_writing_keeps_permissions_and_links_and_leaves_no_draft(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(tmp_path, MESSY)
    path.chmod(0o640)
    link = tmp_path / "link.af"
    link.symlink_to(path)
    assert fmt(tmp_path, str(link), "--write", capsys=capsys)[0] == 0
    assert link.is_symlink()
    assert path.read_text() == TIDY
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(item.name for item in tmp_path.iterdir() if item.name != "home") == [
        "link.af",
        "s.af",
    ]
    before = path.stat()
    assert fmt(tmp_path, str(path), "--write", capsys=capsys)[0] == 0
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_nothing_is_written_when_one_text_has_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = file(tmp_path, MESSY), file(tmp_path, WRONG, "t.af")
    code, out, err = fmt(tmp_path, str(one), str(two), "--write", capsys=capsys)
    assert (code, out) == (1, "")
    assert f"{two}:\nerror[AF106]" in err
    assert (one.read_text(), two.read_text()) == (MESSY, WRONG)
    code, _, err = fmt(tmp_path, str(two), "--write", capsys=capsys)
    assert code == 1
    assert "error[AF106]" in err
    code, out, _ = fmt(tmp_path, str(one), str(two), "--json", capsys=capsys)
    assert code == 1
    assert json.loads(out)["files"][0]["diagnostics"][0]["code"] == "AF106"


def test_a_write_that_fails_leaves_the_old_text_and_no_draft(tmp_path: Path) -> None:
    path = file(tmp_path, MESSY)
    with pytest.raises(UnicodeEncodeError):
        rewrite(path, "half \ud800")
    assert path.read_text() == MESSY
    assert [item.name for item in tmp_path.iterdir()] == ["s.af"]


def test_stdin_is_laid_out_and_never_rewritten(tmp_path: Path) -> None:
    def piped(*words: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [sys.executable, "-m", "alphaforge", "fmt", "-", *words, "--home", str(tmp_path)],
            input=MESSY.encode(),
            capture_output=True,
            env=environment(),
            timeout=60,
            check=False,
        )

    done = piped()
    assert (done.returncode, done.stdout.decode()) == (0, TIDY)
    assert piped("--check").returncode == 1
    assert piped("--write").returncode == 2


def test_line_ends_of_another_system_become_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(tmp_path, MESSY.replace("\n", "\r\n"))
    assert fmt(tmp_path, str(path), "--write", capsys=capsys)[0] == 0
    assert path.read_bytes() == TIDY.encode()


def test_the_texts_we_ship_are_laid_out_already(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [*REPO.glob("examples/*.af"), *REPO.glob("packs/*/templates/*.af")]
    assert len(texts) > 5
    code, out, _ = fmt(tmp_path, *map(str, texts), "--check", capsys=capsys)
    assert code == 0, out
    assert open_catalogue(Home(tmp_path))[0].packs

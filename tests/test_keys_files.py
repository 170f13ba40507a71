"""Key files and the gateway's keyring on the disk."""

import os
import stat
from pathlib import Path

import pytest

from alphaforge.core.errors import InvalidInputError, NotFoundError, TamperedError
from alphaforge.policies.keyring import Keyring, card_message
from alphaforge.policies.signing import verifies
from alphaforge.server.keyfiles import (
    KEYRING,
    card_path,
    changing_keyring,
    create_key,
    load_keyring,
    open_key,
    read_card,
    save_keyring,
)
from alphaforge.tests.humans import PAM, RIK, ring

WORDS = "correct horse"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_opens_with_its_passphrase_and_signs(tmp_path: Path) -> None:
    made = create_key(tmp_path / "ana.key", "Ana", WORDS)
    opened = open_key(tmp_path / "ana.key", WORDS)
    assert (opened.human, opened.key_id) == ("ana", made.key_id)
    assert verifies(made.public_key, opened.sign(b"words"), b"words")
    assert not verifies(made.public_key, opened.sign(b"words"), b"other words")


def test_a_key_file_is_its_owners_alone_and_encrypted(tmp_path: Path) -> None:
    create_key(tmp_path / "ana.key", "ana", WORDS)
    assert mode(tmp_path / "ana.key") == 0o600
    content = (tmp_path / "ana.key").read_text()
    assert "BEGIN ENCRYPTED PRIVATE KEY" in content
    with pytest.raises(InvalidInputError, match="does not open"):
        open_key(tmp_path / "ana.key", "wrong horse")
    with pytest.raises(InvalidInputError, match="does not open"):
        open_key(tmp_path / "ana.key", "")


def test_the_card_holds_a_proof_and_no_secret(tmp_path: Path) -> None:
    made = create_key(tmp_path / "ana.key", "ana", WORDS)
    card = read_card(tmp_path / "ana.key")
    assert card == read_card(card_path(tmp_path / "ana.key")) == made.card()
    assert verifies(card.public_key, card.proof, card_message("ana", made.public_key))


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    create_key(tmp_path / "ana.key", "ana", WORDS)
    before = (tmp_path / "ana.key").read_bytes()
    with pytest.raises(InvalidInputError, match="is there already"):
        create_key(tmp_path / "ana.key", "ana", WORDS)
    assert (tmp_path / "ana.key").read_bytes() == before


@pytest.mark.parametrize("name", ["", "a b", "a/b", "\u00e4", "a\nb", "<b>"])
def test_an_odd_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInputError, match="no name"):
        create_key(tmp_path / "x.key", name, WORDS)


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="at least 8"):
        create_key(tmp_path / "x.key", "ana", "short")
    assert not (tmp_path / "x.key").exists()


def test_a_key_file_with_another_public_half_is_refused(tmp_path: Path) -> None:
    one = create_key(tmp_path / "one.key", "one", WORDS)
    two = create_key(tmp_path / "two.key", "two", WORDS)
    text = (tmp_path / "one.key").read_text().replace(one.public_key, two.public_key)
    (tmp_path / "mixed.key").write_text(text)
    with pytest.raises((InvalidInputError, TamperedError)):
        open_key(tmp_path / "mixed.key", WORDS)


@pytest.mark.parametrize("content", ["", "junk", "alphaforge human key\n", "-----BEGIN X-----"])
def test_what_is_no_key_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.key").write_text(content)
    with pytest.raises(InvalidInputError):
        open_key(tmp_path / "x.key", WORDS)
    with pytest.raises(NotFoundError):
        open_key(tmp_path / "none.key", WORDS)
    with pytest.raises(NotFoundError):
        read_card(tmp_path / "none.key")


def test_A17_no_keyring_file_is_an_empty_keyring(tmp_path: Path) -> None:
    assert load_keyring(tmp_path) == Keyring()


def test_a_keyring_is_kept_whole_and_private(tmp_path: Path) -> None:
    home = tmp_path / "gateway"
    with changing_keyring(home) as before:
        assert before == Keyring()
        save_keyring(home, ring(PAM))
    save_keyring(home, ring(PAM, RIK))
    assert load_keyring(home) == ring(PAM, RIK)
    assert mode(home / KEYRING) == 0o600
    assert mode(home) == 0o700


@pytest.mark.parametrize("bits", [0o644, 0o620, 0o602])
def test_a_keyring_open_to_others_is_not_trusted(tmp_path: Path, bits: int) -> None:
    save_keyring(tmp_path, ring(PAM))
    os.chmod(tmp_path / KEYRING, bits)  # noqa: PTH101
    with pytest.raises(TamperedError, match="open to others"):
        load_keyring(tmp_path)


def test_an_emptied_keyring_file_is_tampering_not_a_fresh_start(tmp_path: Path) -> None:
    save_keyring(tmp_path, ring(PAM))
    (tmp_path / KEYRING).write_bytes(b"")
    with pytest.raises(TamperedError):
        load_keyring(tmp_path)

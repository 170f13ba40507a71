"""The keyring: who comes in, who goes, and what is no keyring."""

from dataclasses import replace

import pytest

from alphaforge.core.errors import ConflictError, InvalidInputError, RefusedError, TamperedError
from alphaforge.policies.keyring import (
    Keyring,
    KeySignature,
    as_of,
    enroll_message,
    enrolled,
    keyring_from_json,
    keyring_json,
    revoke_message,
    revoked,
)
from alphaforge.tests.humans import APE, DAY, NOON, PAM, RIK, Human, ring

TWO = ring(PAM, RIK)


def enroll(
    keyring: Keyring, human: Human, *signatures: KeySignature, is_demo: bool = False
) -> Keyring:
    return enrolled(
        keyring, human.card(), human.roles, is_demo=is_demo, at=NOON, signatures=signatures
    )


def test_A17_the_first_two_keys_need_the_console_alone() -> None:
    one = enroll(Keyring(), PAM)
    two = enroll(one, RIK)
    assert [(key.human, key.roles) for key in two.active] == [("pam", ("pm",)), ("rik", ("risk",))]


def test_A17_a_third_key_needs_two_humans() -> None:
    message = enroll_message(TWO, APE.card(), APE.roles, is_demo=False)
    pam, rik = PAM.sign_key_change(message), RIK.sign_key_change(message)
    for signatures in ((), (pam,), (pam, pam), (pam, APE.sign_key_change(message))):
        with pytest.raises(RefusedError, match="of 2 enrolled humans"):
            enroll(TWO, APE, *signatures)
    assert enroll(TWO, APE, pam, rik).find(APE.key_id) is not None


@pytest.mark.parametrize(
    "message",
    [
        enroll_message(TWO, APE.card(), ("risk",), is_demo=False),
        enroll_message(TWO, APE.card(), APE.roles, is_demo=True),
        enroll_message(TWO, Human("eve").card(), APE.roles, is_demo=False),
        enroll_message(ring(PAM), APE.card(), APE.roles, is_demo=False),
        revoke_message(TWO, APE.key_id),
    ],
    ids=["other roles", "demo", "other key", "other ring", "revocation"],
)
def test_A17_signatures_for_another_enrolment_do_not_let_a_key_in(message: bytes) -> None:
    signatures = PAM.sign_key_change(message), RIK.sign_key_change(message)
    with pytest.raises(RefusedError):
        enroll(TWO, APE, *signatures)


def test_A17_revoking_does_not_reopen_the_console() -> None:
    message = revoke_message(TWO, PAM.key_id)
    shrunk = revoked(TWO, PAM.key_id, at=NOON, signatures=[RIK.sign_key_change(message)])
    assert [key.human for key in shrunk.active] == ["rik"]
    with pytest.raises(RefusedError):
        enroll(shrunk, APE)


def test_a_revocation_needs_an_enrolled_human() -> None:
    message = revoke_message(TWO, PAM.key_id)
    for signatures in ([], [APE.sign_key_change(message)]):
        with pytest.raises(RefusedError):
            revoked(TWO, PAM.key_id, at=NOON, signatures=signatures)
    with pytest.raises(InvalidInputError):
        revoked(TWO, APE.key_id, at=NOON, signatures=[RIK.sign_key_change(message)])


def test_A6_the_first_two_keys_belong_to_two_humans() -> None:
    with pytest.raises(ConflictError, match="two humans"):
        enroll(ring(PAM), Human("PAM", ("risk",)))


def test_demo_and_real_keys_do_not_share_a_ring() -> None:
    with pytest.raises(ConflictError, match="do not share"):
        enroll(ring(PAM), RIK, is_demo=True)
    with pytest.raises(ConflictError, match="do not share"):
        enroll(ring(PAM, is_demo=True), RIK)


def test_a_card_not_signed_by_its_own_key_is_refused() -> None:
    stolen = replace(PAM.card(), human="eve")
    with pytest.raises(TamperedError):
        enrolled(Keyring(), stolen, ("pm",), is_demo=False, at=NOON)


@pytest.mark.parametrize("roles", [(), ("king",), ("pm", "king"), ("agent",)])
def test_a_key_has_known_roles(roles: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError, match="role"):
        enrolled(Keyring(), PAM.card(), roles, is_demo=False, at=NOON)


@pytest.mark.parametrize("name", ["", "p\u0430m", "p/m", "-pam", "x" * 65])
def test_A6_a_name_that_looks_like_anothers_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="no name"):
        enrolled(Keyring(), Human(name).card(), ("pm",), is_demo=False, at=NOON)


def test_a_key_comes_in_once() -> None:
    with pytest.raises(ConflictError, match="in the ring"):
        enroll(TWO, PAM)


def test_a_keyring_reads_back_from_its_bytes() -> None:
    assert keyring_from_json(keyring_json(TWO)) == TWO
    assert keyring_from_json(keyring_json(TWO)).hash() == TWO.hash() != Keyring().hash()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace(b'"pm"', b'"risk"', 1).replace(b"pam", b"eve"),
        lambda text: text[:0],
        lambda text: text[:-5],
        lambda text: text.replace(PAM.public_key.encode(), APE.public_key.encode()),
        lambda text: text.replace(b'"schema":1', b'"schema":2'),
        lambda text: text.replace(b'"human"', b'"person"'),
        lambda text: text.replace(b"{", b"{ ", 1),
    ],
    ids=["roles", "empty", "cut", "key", "schema", "field", "form"],
)
def test_a_spoiled_keyring_trusts_nobody_or_says_what_changed(spoil: object) -> None:
    text = spoil(keyring_json(TWO))  # type: ignore[operator]
    if b"eve" in text:
        # The file's owner may change roles; the ring's hash then differs from what was signed.
        assert keyring_from_json(text).hash() != TWO.hash()
        return
    with pytest.raises(TamperedError):
        keyring_from_json(text)


def test_a_ring_can_be_seen_as_it_was() -> None:
    message = revoke_message(TWO, PAM.key_id)
    shrunk = revoked(TWO, PAM.key_id, at=NOON, signatures=[RIK.sign_key_change(message)])
    assert as_of(shrunk, "2026-01-05T11:00:00.000000Z").active == TWO.active
    assert as_of(shrunk, "2026-01-05T12:00:00.000000Z").active == shrunk.active
    assert as_of(shrunk, (NOON - 2 * DAY).isoformat()).keys == ()

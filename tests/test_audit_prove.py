"""``audit prove``: from an order back to the humans, with public keys alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from alphaforge.core.errors import NotFoundError
from alphaforge.core.home import Home
from alphaforge.core.principals import Stage
from alphaforge.policies.bundle import default_bundle
from alphaforge.policies.keyring import Keyring, revoke_message, revoked
from alphaforge.runs.approvals import ApprovalRequest
from alphaforge.server.proof import Proof, prove
from alphaforge.tests.approved_home import ORDER, Homes, approved, homes
from alphaforge.tests.humans import AGENT, DAY, NOON, PAM, RIK, Human, ring
from alphaforge.tests.test_journal_chain import tamper


@pytest.fixture
def place(tmp_path: Path) -> Homes:
    return homes(tmp_path, NOON)


def proof_of(place: Homes, keyring: Keyring | None = None, order: str = ORDER) -> Proof:
    return prove(
        order,
        server=place.home.journal_db,
        gateway=Home(place.gateway_home).journal_db,
        keyring=keyring or place.keyring,
        bundle=default_bundle(),
    )


def failing(proof: Proof) -> list[str]:
    return [step.name for step in proof.steps if not step.is_ok]


def test_an_order_is_proven_back_to_its_signatures(place: Homes) -> None:
    place.trade(approved(place))
    proof = proof_of(place)
    assert proof.is_ok, proof.tree()
    names = [step.name for step in proof.steps]
    assert names == [
        "gateway's journal",
        "server's journal",
        "intent",
        "order.sent",
        "order.filled",
        "approval used",
        "not revoked",
        "plan",
        "signatures",
        "pam (pm)",
        "rik (risk)",
        "request",
        "rules",
        "evidence",
        "data",
    ]
    assert "proven" in proof.tree().splitlines()[0]


def test_an_order_nobody_approved_is_not_proven(place: Homes) -> None:
    request = place.ask()
    place.sign(PAM, request)
    place.trade(request)
    assert "signatures" in failing(proof_of(place))


def test_an_order_before_its_approval_was_used_is_not_proven(place: Homes) -> None:
    request = approved(place)
    place.gateway_event("order.intent", request, client_order_id=ORDER)
    place.gateway_event("approval.consumed", request)
    assert failing(proof_of(place)) == ["approval used"]


def test_an_order_sent_before_its_intent_is_not_proven(place: Homes) -> None:
    request = approved(place)
    place.gateway_event("approval.consumed", request)
    place.gateway_event("order.sent", request, client_order_id=ORDER)
    place.gateway_event("order.intent", request, client_order_id=ORDER)
    assert failing(proof_of(place)) == ["order.sent"]


def test_an_order_under_another_plan_is_not_proven(place: Homes) -> None:
    request = approved(place)
    forged = replace(request, plan_hash="00" * 32)
    place.trade(forged)
    assert "plan" in failing(proof_of(place))


def test_a_signed_plan_cannot_be_put_under_another_hash(place: Homes) -> None:
    request = approved(place)
    # The order ran under another plan; the journal is made to say that the signed one had its hash.
    forged = replace(request, plan_hash="00" * 32)
    place.journal.append(
        "approval.requested",
        principal=AGENT.id,
        request_id=forged.request_id,
        plan_hash=forged.plan_hash,
        body={"plan": request.plan_bytes.decode()},
    )
    place.trade(forged)
    assert failing(proof_of(place)) == ["plan"]


def test_a_signature_made_after_the_use_proves_nothing(place: Homes) -> None:
    request = place.ask()
    place.sign(PAM, request)
    place.trade(request)
    place.sign(RIK, request)
    assert "signatures" in failing(proof_of(place))


def test_a_forged_signature_entry_proves_nothing(place: Homes) -> None:
    request = place.ask()
    place.sign(PAM, request)
    signed = place.journal.entries(kind="approval.signed")[0]
    # Whoever can write the server's journal adds a second "signature" and a clean chain.
    forged = {**signed.body, "human": "rik"}
    assert isinstance(forged["signed"], dict)
    forged["signed"] = {**forged["signed"], "key_id": RIK.key_id}
    place.journal.append(
        "approval.signed",
        principal="human:rik",
        request_id=request.request_id,
        plan_hash=request.plan_hash,
        body=forged,
    )
    place.trade(request)
    assert {"signatures"} < set(failing(proof_of(place)))


def test_an_exchanged_reason_shows(place: Homes) -> None:
    request = approved(place)
    place.trade(request)
    place.journal.close()
    tamper(
        place.home.journal_db,
        "UPDATE entries SET body = replace(body, 'fits the budget', 'was waved by')",
    )
    assert {"server's journal", "pam (pm)", "rik (risk)"} <= set(failing(proof_of(place)))


def test_a_key_that_was_revoked_later_still_proves_what_it_signed(place: Homes) -> None:
    place.trade(approved(place))
    signature = RIK.sign_key_change(revoke_message(place.keyring, PAM.key_id))
    later = revoked(place.keyring, PAM.key_id, at=NOON + DAY, signatures=[signature])
    assert proof_of(place, later).is_ok
    earlier = revoked(place.keyring, PAM.key_id, at=NOON, signatures=[signature])
    assert "signatures" in failing(proof_of(place, earlier))


def test_other_keys_prove_nothing(place: Homes) -> None:
    place.trade(approved(place))
    strangers = ring(Human("pam", ("risk",)), Human("rik", ("pm",)), at=NOON - DAY)
    assert "signatures" in failing(proof_of(place, strangers))
    assert "signatures" in failing(proof_of(place, Keyring()))


def test_a_broken_chain_is_not_proven(place: Homes) -> None:
    place.trade(approved(place))
    place.gateway.close()
    tamper(Home(place.gateway_home).journal_db, "UPDATE entries SET hash = prev WHERE seq = 1")
    assert failing(proof_of(place)) == ["gateway's journal"]


def test_a_paper_order_needs_no_signature_and_is_proven(place: Homes) -> None:
    plan = replace(place.plan, stage=Stage.PAPER)
    made = place.deployments.create(plan, principal=AGENT, text="rank(close)")
    row = place.ask()
    paper = replace(row, request_id="", plan_hash=made.plan_hash)
    place.trade(paper)
    proof = proof_of(place)
    assert proof.is_ok, proof.tree()
    assert "needs none" in proof.tree()


def test_an_unknown_order_is_named_with_the_nearest(place: Homes) -> None:
    place.trade(approved(place))
    with pytest.raises(NotFoundError) as caught:
        proof_of(place, order="af-0002")
    assert ORDER in caught.value.help


def test_orders_of_two_requests_are_kept_apart(place: Homes) -> None:
    first = approved(place)
    place.trade(first)
    second: ApprovalRequest = place.ask(replace(place.plan, account="second"))
    place.gateway_event("approval.consumed", second)
    place.gateway_event("order.intent", second, client_order_id="af-0002")
    assert proof_of(place).is_ok
    assert not proof_of(place, order="af-0002").is_ok

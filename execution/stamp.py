"""Which approval, plan and deployment an entry of the gateway's journal belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass

from .ledger import Writing


@dataclass(frozen=True, slots=True)
class Stamp:
    """The ids that every entry about a deployment carries."""

    request_id: str
    plan_hash: str
    deployment_id: str

    def event(
        self, writing: Writing, kind: str, body: Mapping[str, object], *, decision_id: str = ""
    ) -> None:
        """Journal an event under the ids."""
        ids = {"deployment_id": self.deployment_id, "request_id": self.request_id}
        writing.event(
            kind,
            {**ids, **body},
            request_id=self.request_id,
            plan_hash=self.plan_hash,
            decision_id=decision_id,
        )

"""What a worker leaves behind as its last deed."""

import json
from dataclasses import asdict, dataclass

from ..core.errors import AlphaForgeError, InvalidInputError, InvalidTextError


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a run failed; a final one would fail again in the same way, so it is not retried."""

    code: str
    message: str
    help: str = ""
    is_final: bool = False

    def sentence(self) -> str:
        """Say it with its code."""
        return f"{self.code}: {self.message}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Metrics are the promised bytes, as text; artifacts are names of files in the run's folder."""

    metrics: str = "{}"
    artifacts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fault: Fault | None = None

    def data(self) -> bytes:
        """Return the outcome as JSON."""
        return json.dumps(asdict(self), sort_keys=True, indent=1).encode()


def outcome_from(data: bytes) -> Outcome:
    """Read what ``Outcome.data`` wrote."""
    values = json.loads(data)
    fault = values["fault"]
    return Outcome(
        metrics=values["metrics"],
        artifacts=tuple(values["artifacts"]),
        notes=tuple(values["notes"]),
        fault=None if fault is None else Fault(**fault),
    )


def fault_of(error: AlphaForgeError) -> Fault:
    """Tell a fault from an error: what the input is at fault for stays so."""
    return Fault(
        code=error.code,
        message=error.message,
        help=error.help,
        is_final=isinstance(error, (InvalidInputError, InvalidTextError)),
    )

"""What an ingest did, counted while it runs and told at its end."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from ...core.errors import AlphaForgeError
from .cleaning import told
from .source import Step

LETTERS_MAX = 20


@dataclass(frozen=True, slots=True)
class Ingested:
    """The end of an ingest: requests made and left alone, rows stored, what was given up."""

    dataset: str
    source: str
    requests: int
    known: int
    attempts: int
    bytes_received: int
    inserted: int
    revised: int
    unchanged: int
    dead: int
    dead_letters: tuple[str, ...]
    notes: tuple[str, ...]

    def data(self) -> Mapping[str, object]:
        """Return the fields as JSON values."""
        return asdict(self)

    def text(self) -> str:
        """Say it in lines for people."""
        first = (
            f"{self.dataset}: {self.inserted} rows new, {self.revised} revised, "
            f"{self.unchanged} as before; {self.requests} requests to {self.source}, "
            f"{self.known} known already, {self.dead} given up"
        )
        notes = [f"  note: {note}" for note in self.notes]
        letters = [f"  given up: {letter}" for letter in self.dead_letters]
        return "\n".join([first, *notes, *letters])


@dataclass(slots=True)
class Tally:
    """The same while it grows."""

    steps: int = 0
    known: int = 0
    attempts: int = 0
    bytes_received: int = 0
    inserted: int = 0
    revised: int = 0
    unchanged: int = 0
    given_up: int = 0
    letters: list[str] = field(default_factory=list)
    cut: Counter[str] = field(default_factory=Counter)

    def received(self, attempts: int, size: int) -> None:
        """Count an answer; one that was kept from before took no attempt."""
        self.attempts += attempts
        self.bytes_received += size if attempts else 0

    def dead(self, step: Step, error: AlphaForgeError) -> None:
        """Count a step that was given up, and keep the first few by name."""
        self.given_up += 1
        if len(self.letters) < LETTERS_MAX:
            self.letters.append(f"{step.key}: {error.message} [{error.code}]")

    def result(self, dataset: str, source: str) -> Ingested:
        """Close the count."""
        return Ingested(
            dataset=dataset,
            source=source,
            requests=self.steps,
            known=self.known,
            attempts=self.attempts,
            bytes_received=self.bytes_received,
            inserted=self.inserted,
            revised=self.revised,
            unchanged=self.unchanged,
            dead=self.given_up,
            dead_letters=tuple(self.letters),
            notes=tuple(told(self.cut)),
        )

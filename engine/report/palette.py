"""Colours by their job; the page names them for style sheets, the picture paints them."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Palette:
    """Hex colours; blue and orange are told apart by people who do not see red and green."""

    paper: str
    card: str
    ink: str
    muted: str
    grid: str
    main: str  # the book itself
    other: str  # what it is compared with
    loss: str
    third: str

    def named(self) -> dict[str, str]:
        """Return the colours by the names of their jobs."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


LIGHT = Palette(
    paper="#f6f7f9",
    card="#ffffff",
    ink="#1b2430",
    muted="#647084",
    grid="#e3e7ed",
    main="#1f66d1",
    other="#8a94a6",
    loss="#d9541e",
    third="#7a4fc4",
)
DARK = Palette(
    paper="#0e1217",
    card="#171d25",
    ink="#e7ecf2",
    muted="#98a4b5",
    grid="#2b3440",
    main="#6aa5ff",
    other="#7d8899",
    loss="#ff8f5a",
    third="#b592f5",
)

# Colours no plot uses by itself: drawn, then replaced by the style sheet's variables.
MARKERS = Palette(*(f"#0101{place:02x}" for place in range(1, 10)))

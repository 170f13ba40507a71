"""What every record kind is made of: a pydantic model whose fields carry unit and meaning."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

PRICE = "quote currency per base unit"
QUANTITY = "base units"
QUOTE = "quote currency"
NAME_CHARS_MAX = 128


def described(unit: str, doc: str, *, is_not_negative: bool = False) -> Any:  # noqa: ANN401  # pydantic's.
    """Return a pydantic field with its unit, its meaning and its domain."""
    bound = 0 if is_not_negative else None
    return Field(description=doc, json_schema_extra={"unit": unit}, ge=bound)


def amount(unit: str, doc: str) -> Any:  # noqa: ANN401  # pydantic's type of a field.
    """Return a field that is finite and never below 0; a 0 that was received is kept as such."""
    return described(unit, doc, is_not_negative=True)


def text(doc: str) -> Any:  # noqa: ANN401  # pydantic's type of a field.
    """Return a text field that is not empty."""
    return Field(
        description=doc,
        json_schema_extra={"unit": "text"},
        min_length=1,
        max_length=NAME_CHARS_MAX,
    )


Symbol = Annotated[str, text("the venue's own spelling of the instrument")]
Aggressor = Annotated[Literal["buy", "sell"], text("who crossed the spread")]
BookSide = Annotated[Literal["buy", "sell"], text("buy: bids, sell: asks")]
UpdateId = Annotated[int, described("id", "the venue's id of the book after this update")]
Received = Annotated[
    int | None,
    described("ns since 1970, UTC", "the recorder's clock when the message came in"),
]


class Record(BaseModel):
    """One row of a table: when it held, from when on it could be known, and what it says.

    Kinds name their ``KEY``: two rows of one key are revisions of one fact.
    """

    KIND: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]
    VERSION: ClassVar[int] = 1
    # The column by which rows of one file are sorted first.
    ENTITY: ClassVar[str] = "symbol"
    # Listings, expiries and groups may be told before they hold; prices may not.
    IS_FORESEEN: ClassVar[bool] = False

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    event_at: Annotated[
        AwareDatetime, Field(description="when it held", json_schema_extra={"unit": "UTC, us"})
    ]
    available_at: Annotated[
        AwareDatetime,
        Field(description="from when on it could be known", json_schema_extra={"unit": "UTC, us"}),
    ]


# Columns that say how a row came in, not what it says: they make no revision.
TRANSPORT = ("available_at", "received_ns")

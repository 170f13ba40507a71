"""``account capital 100000, leverage 3, maintenance 1%``: what holds the book."""

from decimal import Decimal

from ..desk import Desk
from ..statement import Changes, statement
from ..strategy import Account
from ..syntax import Setting, Settings

CAPITAL_MAX = Decimal(10) ** 12
LEVERAGE_MAX = Decimal(200)
SHARE = "a share such as `1%`"


@statement(
    "account",
    start="settings",
    form="account capital 100000, leverage 3, maintenance 1%",
    words=("capital", "leverage", "maintenance", "liquidation_fee", "min_notional", "lots"),
    elsewhere={
        "margin": "write `maintenance 1%`: the margin that must stay, over the notional held",
        "currency": "capital is in the quote currency of the data set",
    },
)
def read(body: Settings, desk: Desk) -> Changes:
    """Read the account; what is not said is off, and the capital is 1."""
    said = desk.by_word(body)
    plain = Account()
    capital = desk.number(
        said.get("capital"), low=Decimal(0), high=CAPITAL_MAX, form="an amount such as `100000`"
    )
    maintenance = desk.number(said.get("maintenance"), low=Decimal(0), high=Decimal(1), form=SHARE)
    fee = desk.basis_points(said.get("liquidation_fee"))
    smallest = desk.number(
        said.get("min_notional"), low=Decimal(0), high=CAPITAL_MAX, form="an amount such as `5`"
    )
    lots = desk.switch(said.get("lots"))
    _with(said, desk, body, word="liquidation_fee", partner="maintenance")
    for word in ("min_notional", "lots"):
        _with(said, desk, body, word=word, partner="capital")
    return {
        "account": Account(
            capital=plain.capital if capital is None else capital,
            leverage=desk.number(
                said.get("leverage"),
                low=Decimal(0),
                high=LEVERAGE_MAX,
                form="a number such as `3`",
            ),
            maintenance=plain.maintenance if maintenance is None else maintenance,
            liquidation_fee_bp=plain.liquidation_fee_bp if fee is None else fee,
            notional_min=plain.notional_min if smallest is None else smallest,
            has_lots=bool(lots),
        )
    }


def _with(said: dict[str, Setting], desk: Desk, body: Settings, *, word: str, partner: str) -> None:
    """Report a word that means nothing without another."""
    if word in said and partner not in said and body.is_whole:
        desk.faults.error(
            "AF231",
            f"`{word}` stands without `{partner}`",
            said[word].span,
            f"say `{partner}` too, or remove it",
        )

"""``doc "text"``: what the strategy is about, for people and for search."""

from ..desk import Desk
from ..statement import Changes, statement
from ..syntax import Quote, Settings


@statement("doc", start="quoted", form='doc "what it is about"')
def read(body: Settings, _desk: Desk) -> Changes:
    """Keep the text; it has no effect on anything."""
    (quote,) = body.subject
    assert isinstance(quote, Quote)
    return {"doc": quote.text}

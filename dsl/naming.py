"""What to say of a name that is not known, and which one was meant."""

import re

from ..core.diagnostics import Fix, Span
from . import habits
from .catalogue import Catalogue
from .faults import Faults
from .feeds import split_field
from .values import Late

_ADV = re.compile(r"adv([0-9]{1,4})")
LISTED_MAX = 12


class Naming:
    """Reports names for one catalogue; ``defined`` are the text's own, as far as they are bound."""

    def __init__(self, catalogue: Catalogue, faults: Faults) -> None:
        """Keep what is known."""
        self.catalogue = catalogue
        self.faults = faults

    def unknown_value(self, word: str, defined: list[str], span: Span) -> None:
        """Report a word that names no field, let or factor."""
        operator = self.catalogue.aliases.get(word, word)
        shape = self.catalogue.shape_of(operator)
        volume = _ADV.fullmatch(word)
        message = f"unknown field `{word}`"
        if shape is not None:
            call = shape.call_text(word)
            message = f"`{word}` is an operator, not a value"
            self.faults.error("AF218", message, span, f"call it: `{call}`")
        elif volume is not None and int(volume[1]) > 0:
            # The papers' name for the mean traded value of some bars.
            meant = f"ts_mean(quote_volume, {int(volume[1])})"
            self.faults.error("AF102", message, span, f"write `{meant}`", Fix(span, meant))
        else:
            # What starts with a bracket stands for a part of a dialect's text: nobody wrote it.
            named = [known for known in defined if not known.startswith("(")]
            known = [*self.catalogue.fields, *named]
            self._unknown("AF102", message, word, known, span, habit=habits.named(word))

    def unknown_operator(self, word: str, span: Span, *, is_value: bool) -> str:
        """Report a word that is called and names no operator; return what is surely meant."""
        if is_value:
            self.faults.error(
                "AF217",
                f"`{word}` is a value, not an operator",
                span,
                f"an earlier value is `delay({word}, 1)`; a product needs its `*`",
            )
            return ""
        message = f"unknown operator `{word}`"
        if self.faults.is_full:
            # Looking for near names takes time, and no further error is shown.
            self.faults.error("AF103", message, span)
            return ""
        known = [*self.catalogue.operators, *self.catalogue.macros, *self.catalogue.aliases]
        listed = "`alphaforge search --scope operators` lists them all"
        habit = habits.called(word, frozenset(known), self.catalogue.fields.keys())
        self._unknown("AF103", message, word, known, span, listed, habit=habit)
        meant = word.lower() if word.lower() in known else habit.meant if habit else ""
        return self.catalogue.aliases.get(meant, meant)

    def lacks_mark(self, mark: str, operator: str, span: Span) -> None:
        """Report a mark whose operator the catalogue lacks."""
        message = f"`{mark}` needs the operator `{operator}`"
        self.faults.error("AF103", message, span, "this catalogue lacks it")

    def published_late(self, late: Late) -> None:
        """Report a field that is read before it is published."""
        meant = f"delay({late.field}, {late.bars})"
        self.faults.error(
            "AF205",
            f"`{late.field}` is published {late.lag_bars} bars after its own",
            late.span,
            f"write `{meant}`",
            Fix(late.span, meant),
        )

    def unknown_feed(self, word: str, aliases: list[str], span: Span) -> None:
        """Report a field of a data set that the text does not name."""
        alias, base = split_field(word)
        meant = self.faults.nearest(alias, aliases)
        habit = habits.named(word)
        if habit is not None:
            fix = Fix(span, habit.meant) if habit.meant else None
            self.faults.error("AF280", f"no data set is called `{alias}`", span, habit.help, fix)
            return
        if meant is not None:
            help_ = f"did you mean `{meant}.{base}`?"
        elif aliases:
            help_ = f"the other data sets are {', '.join(f'`{name}`' for name in aliases)}"
        else:
            help_ = f"name it in the strategy: `data perps, {alias} = perps_{alias} bar 1h`"[:120]
        fix = Fix(Span(span.start, span.start + len(alias)), meant) if meant else None
        self.faults.error("AF280", f"no data set is called `{alias}`", span, help_, fix)

    def unknown_feed_field(self, word: str, span: Span) -> None:
        """Report a field that no data set can have, behind the name of one."""
        alias, base = split_field(word)
        meant = self.faults.nearest(base, self.catalogue.fields)
        self.faults.error(
            "AF281",
            f"unknown field `{base}` of `{alias}`",
            span,
            f"did you mean `{alias}.{meant}`?" if meant else _listed(list(self.catalogue.fields)),
            Fix(span, f"{alias}.{meant}") if meant else None,
        )

    def _unknown(  # noqa: PLR0913, PLR0917  # All that is said of a name.
        self,
        code: str,
        message: str,
        word: str,
        known: list[str],
        span: Span,
        listed: str = "",
        *,
        habit: habits.Habit | None = None,
    ) -> None:
        if word.lower() in known:
            meant: str | None = word.lower()
        elif habit is not None:
            fix = Fix(span, habit.meant) if habit.meant else None
            self.faults.error(code, message, span, habit.help, fix)
            return
        else:
            meant = self.faults.nearest(word, known)
        self.faults.error(
            code,
            message,
            span,
            f"did you mean `{meant}`?" if meant else listed or _listed(known),
            Fix(span, meant) if meant else None,
        )


def _listed(known: list[str]) -> str:
    shown = ", ".join(f"`{word}`" for word in sorted(known)[:LISTED_MAX])
    return f"there are {shown}{', ...' if len(known) > LISTED_MAX else ''}"

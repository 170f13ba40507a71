"""The data sets of one run: the traded one, and the others that its text reads by alias."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..core.diagnostics import echo
from ..core.errors import InvalidInputError
from ..core.nearest import nearest
from ..data.card import DatasetCard, Feed
from ..data.lake import Lake
from ..dsl.compile import Compilation
from ..dsl.feeds import by_alias
from ..memory.experiment import Experiment

_SETTING = "source."
OTHERS_MAX = 16


@dataclass(frozen=True, slots=True)
class Datasets:
    """The name of the traded data set, and alias and name of each other that is read."""

    first: str
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of a run's data sets; the others by alias, in the order of the text."""

    first: DatasetCard
    others: tuple[tuple[str, DatasetCard], ...] = ()

    @property
    def other_snapshots(self) -> tuple[str, ...]:
        """Return the snapshots of the others."""
        return tuple(card.snapshot for _, card in self.others)

    def settings(self) -> dict[str, str]:
        """Return what an experiment keeps of the others."""
        return {f"{_SETTING}{alias}": f"{card.name}@{card.snapshot}" for alias, card in self.others}


def datasets_of(compilation: Compilation, said: str) -> Datasets:
    """Return the data sets: those of the text, where ``said`` names no other.

    ``said`` is what ``--dataset`` got: ``NAME``, ``ALIAS=NAME``, or several of them with commas.

    Raises:
        InvalidTextError: when the text has faults.
        InvalidInputError: when no traded data set is named, or an alias is not in the text.
    """
    strategy = compilation.require()
    first, aliases = _parsed(said)
    known = dict(strategy.sources)
    for alias in aliases:
        if alias not in known:
            meant = nearest(alias, known)
            raise InvalidInputError(
                f"the text reads no data set `{echo(alias)}`",
                help=f"did you mean `{meant}`?" if meant else _aliases_text(known),
            )
    name = first or strategy.dataset
    if not name:
        raise InvalidInputError(
            "no dataset is named",
            help="pass `dataset`, or write `data NAME` into the strategy",
            next="alphaforge data list",
        )
    return Datasets(name, tuple((alias, aliases.get(alias, known[alias])) for alias in known))


def cards_of(lake: Lake, datasets: Datasets) -> Cards:
    """Return the cards of data sets as they are now.

    Raises:
        NotFoundError: when there is no such data set.
    """
    return Cards(
        lake.card(datasets.first),
        tuple((alias, lake.card(name)) for alias, name in datasets.others),
    )


def feeds_of(cards: Cards, *compilations: Compilation) -> tuple[Feed, tuple[Feed, ...]]:
    """Return what to load of each data set, for all of some texts together."""
    # Opened here: numpy comes with it.
    from .artifacts import fields_for

    inputs = sorted({name for made in compilations for name in made.inputs})
    fields = by_alias(inputs)
    first = cards.first
    traded = Feed(first.name, tuple(fields_for(first, *compilations)), first.snapshot)
    others = tuple(
        Feed(card.name, tuple(fields[alias]), card.snapshot, alias) for alias, card in cards.others
    )
    return traded, others


def kept_sources(settings: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return name and snapshot of each other data set that an experiment's settings keep."""
    found = {}
    for key, value in settings.items():
        if key.startswith(_SETTING):
            name, _, snapshot = value.partition("@")
            found[key.removeprefix(_SETTING)] = (name, snapshot)
    return found


def said_by(experiment: Experiment) -> str:
    """Return the data sets of an experiment as ``datasets_of`` reads them."""
    others = kept_sources(experiment.settings).items()
    return ", ".join([experiment.dataset, *(f"{alias}={name}" for alias, (name, _) in others)])


def _parsed(said: str) -> tuple[str, dict[str, str]]:
    first = ""
    aliases: dict[str, str] = {}
    items = [item.strip() for item in said.split(",") if item.strip()]
    if len(items) > OTHERS_MAX:
        raise InvalidInputError(f"{len(items)} data sets are more than {OTHERS_MAX}")
    for item in items:
        alias, has_alias, name = (part.strip() for part in item.partition("="))
        if not has_alias and first:
            raise InvalidInputError(
                f"`{echo(first)}` and `{echo(item)}` would both be traded",
                help="name other data sets by their alias: `okx=perps_okx`",
            )
        if has_alias and (not alias or not name or alias in aliases):
            raise InvalidInputError(f"`{echo(item)}` is not `ALIAS=NAME`, once each")
        if has_alias:
            aliases[alias] = name
        else:
            first = alias
    return first, aliases


def _aliases_text(known: Mapping[str, str]) -> str:
    if not known:
        return "it reads one data set alone"
    return f"it reads {', '.join(f'`{alias}`' for alias in known)}"

"""The venues there are: the files of ``venues/`` that say ``VENUE``."""

from ..core.errors import NotFoundError
from ..core.nearest import nearest
from ..core.registry import Registry, modules_in
from .venues.venue import VenueKind


def venue_kinds() -> dict[str, VenueKind]:
    """Return every venue by name."""
    from . import venues

    registry: Registry[VenueKind] = Registry("venue")
    for module in modules_in(venues):
        kind = getattr(module, "VENUE", None)
        if isinstance(kind, VenueKind):
            registry.add(kind.name, kind, module.__name__)
    return registry.members()


def venue_kind(name: str) -> VenueKind:
    """Return one venue.

    Raises:
        NotFoundError: when there is none of that name.
    """
    kinds = venue_kinds()
    if name not in kinds:
        meant = nearest(name, kinds)
        raise NotFoundError(
            f"no venue `{name}`",
            help=f"did you mean `{meant}`?" if meant else f"known: {', '.join(kinds)}",
        )
    return kinds[name]

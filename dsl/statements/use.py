"""``use pack >= version``: a pack the text needs."""

from ...core.diagnostics import echo
from ..desk import Desk
from ..statement import Changes, statement
from ..strategy import Use
from ..syntax import Literal, Name, Settings


@statement("use", start="requirement", form="use midfreq >= 0.1", may_repeat=True)
def read(body: Settings, desk: Desk) -> Changes:
    """Check that the pack is loaded, in that version or a later one."""
    pack, *versions = body.subject
    assert isinstance(pack, Name)
    loaded = desk.catalogue.packs.get(pack.name)
    if loaded is None:
        meant = desk.faults.nearest(pack.name, desk.catalogue.packs)
        known = ", ".join(f"`{name}`" for name in sorted(desk.catalogue.packs)) or "none"
        desk.faults.error(
            "AF240",
            f"the pack `{pack.name}` is not loaded",
            pack.span,
            f"did you mean `{meant}`?" if meant else f"loaded packs: {known}",
        )
        return {}
    if not versions:
        return {"uses": (Use(pack.name),)}
    wanted = versions[0]
    assert isinstance(wanted, Literal)
    if _parts(wanted.text) > _parts(loaded):
        desk.faults.error(
            "AF241",
            f"the pack `{pack.name}` is loaded in version `{echo(loaded)}`",
            wanted.span,
            "install a later version of the pack, or ask for an earlier one",
        )
    return {"uses": (Use(pack.name, wanted.text),)}


def _parts(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, without zeros at the end: 1.0 is 1."""
    numbers = [int(part) for part in version.split(".") if part.isdecimal()]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)

"""Write docs/cheatsheet.md from the catalogue: `make docs`."""

from pathlib import Path

from alphaforge.dsl.cheatsheet import cheat_sheet
from alphaforge.packs.origins import known

PAGE = Path(__file__).with_name("cheatsheet.md")

if __name__ == "__main__":
    PAGE.write_text(cheat_sheet(*known()), encoding="utf-8")

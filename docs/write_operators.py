"""Write docs/operators.md from the catalogue: `make docs`."""

from pathlib import Path

from alphaforge.dsl.manual import operator_page
from alphaforge.packs.origins import known

PAGE = Path(__file__).with_name("operators.md")

if __name__ == "__main__":
    PAGE.write_text(operator_page(*known()), encoding="utf-8")

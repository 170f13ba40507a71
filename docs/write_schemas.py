"""Write docs/schemas.md from the models of the records: `make docs`."""

from pathlib import Path

from alphaforge.data.schemas.page import schema_page

PAGE = Path(__file__).with_name("schemas.md")

if __name__ == "__main__":
    PAGE.write_text(schema_page(), encoding="utf-8")

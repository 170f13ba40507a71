"""Write the grammar and the snippets from the catalogue: `make docs`."""

import json
from pathlib import Path

from alphaforge.dsl.editing.grammar import snippets, textmate_grammar
from alphaforge.packs.origins import known

FOLDER = Path(__file__).parent


def files() -> dict[str, str]:
    """Return the text of each file that is made, by its path in the folder."""
    catalogue, _ = known()
    made = {
        "syntaxes/alphaforge.tmLanguage.json": textmate_grammar(catalogue),
        "snippets.json": snippets(),
    }
    return {name: json.dumps(content, indent=2) + "\n" for name, content in made.items()}


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")

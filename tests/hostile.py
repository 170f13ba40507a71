"""Texts made to hurt: each must get a bounded answer soon, with the code that names the ceiling."""

import sys
import unicodedata


def every_category() -> str:
    """Return the first character of each Unicode category, those of ASCII aside."""
    found: dict[str, str] = {}
    for code in range(0x80, sys.maxunicode + 1):
        found.setdefault(unicodedata.category(chr(code)), chr(code))
    return "".join(found.values())


def lets(count: int, body: str, signal: str) -> str:
    lines = "".join(
        f"  let a{at} = {body.format(before=at - 1, after=at + 1)}\n" for at in range(1, count)
    )
    return (
        f"strategy s {{\n  let a0 = returns\n  let a{count} = returns\n{lines}  signal {signal}\n}}"
    )


HOSTILE: dict[str, tuple[str, str]] = {
    "a name of 1 MB": ("a" * 1_000_000, "AF120"),
    "a name of 60 kB": ("a" * 60_000, "AF128"),
    "20,000 terms": ("+".join(["close"] * 20_000), "AF120"),
    "20,000 short terms": ("+".join("x" * 20_000), "AF121"),
    "4,900 terms": ("+".join(["close"] * 4_900), "AF123"),
    "2,000 nested calls": ("abs(" * 2_000 + "close" + ")" * 2_000, "AF122"),
    "65 nested calls": ("abs(" * 65 + "close" + ")" * 65, "AF122"),
    "a literal of 5,000 digits": ("close * " + "1" * 5_000, "AF125"),
    "a literal of 60,000 exponents": ("1" + "e+1" * 20_000, "AF125"),
    "5,000 signs": ("-" * 5_000 + "close", "AF127"),
    "3,000 negations": ("not " * 3_000 + "close", "AF127"),
    "3,000 powers": ("^".join(["close"] * 3_000), "AF127"),
    "3,000 quotients": ("/".join(["close"] * 3_000), "AF127"),
    "900 choices": ("close > 1 ? 2 : " * 900 + "close", "AF127"),
    "3,000 pipes": ("close" + " |> abs" * 3_000, "AF127"),
    "a chain of 250 lets": (lets(250, "a{after} + 1", "a1"), "AF127"),
    "200 doublings": (lets(200, "a{before} + a{before}", "a199"), "AF123"),
    "300 lets": (lets(300, "returns + 1", "a1"), "AF124"),
    "60,000 strange marks": ("@" * 60_000, "AF105"),
    "60,000 quotes": ('"' * 60_000, "AF121"),
    "30,000 strings of one letter": ('"\u00e9"' * 15_000, "AF121"),
    "60,000 open brackets": ("(" * 60_000, "AF122"),
    "60,000 closing brackets": (")" * 60_000, "AF121"),
    "20,000 braces": ("strategy s {" + "\n{" * 20_000, "AF121"),
    "60,000 semicolons": ("strategy s {" + ";" * 60_000 + "}", "AF121"),
    "4,000 signals": ("strategy s {\n" + "signal returns\n" * 4_000 + "}", "AF113"),
    "4,000 misspelt statements": ("strategy s {\n" + "sginal returns\n" * 4_000 + "}", "AF110"),
    "4,000 huge factors": ("1e300" + "*1e300" * 4_000, "AF123"),
    "a window of huge factors": ("ts_mean(close, 1e300" + "*1e300" * 900 + ")", "AF202"),
    "a window of a tiny quotient": ("ts_mean(close, 1e-300" + "/1e300" * 100 + ")", "AF202"),
    "9,000 arguments": ("max(" + "close," * 9_000 + "close)", "AF121"),
    "60,000 zero bytes": ("\x00" * 60_000, "AF105"),
    "lone surrogates": ("\ud800" * 1_000, "AF105"),
    "a string of 300 characters": (
        f'strategy s {{\n doc "{"d" * 300}"\n signal returns\n}}',
        "AF126",
    ),
    "a direction mark": ("close # \u202e evil", "AF105"),
    "a direction mark in a string": ('strategy s {\n doc "a\u202eb"\n signal returns\n}', "AF105"),
    "a zero-width joiner": ("clo\u200dse", "AF105"),
    "an escape for terminals": ("close \x1b[2J", "AF105"),
    "a lone carriage return": ("close\rvolume", "AF105"),
    "a letter that looks like another": ("rank(\u0441lose)", "AF105"),
    "20,000 nested square brackets": ("[" * 20_000, "AF121"),
    "2,000 nested brackets": ("(" * 2_000 + "close" + ")" * 2_000, "AF122"),
    "64 KiB of open brackets": ("(" * 65_536, "AF122"),
    "choices in the middle": ("close > 1 ? " * 1_000 + "close" + ": 1" * 1_000, "AF127"),
    "15,000 negations": ("not " * 15_000 + "close", "AF121"),
    "60,000 signs": ("-" * 60_000 + "close", "AF121"),
    "4,000 lets": ("strategy s {\n" + "let a=1\n" * 4_000 + "signal a\n}", "AF121"),
    "60 doublings of a product": (lets(60, "a{before} * a{before}", "a59"), "AF123"),
    "60 nested macros": ("ts_av_diff(" * 60 + "close" + ", 5)" * 60, "AF123"),
    "60 nested macros of a window": ("jump_decay(" * 60 + "close" + ", 5)" * 60, "AF123"),
    "1,000 wide macros": ("+".join(["ts_scale(close,5)"] * 1_000), "AF123"),
    "4,900 unknown names": ("+".join(f"zz{at}" for at in range(4_900)), "AF102"),
    "1,500 unknown operators": ("+".join(f"zz{at}(close)" for at in range(1_500)), "AF103"),
    "1,000 unknown arguments": (
        "+".join(f"ts_mean(close,zz{at}=3)" for at in range(1_000)),
        "AF104",
    ),
    "4,900 bad literals": ("+".join(f"{at}xyz" for at in range(4_900)), "AF108"),
    "250 lets in a ring": (lets(250, "a{after} + a{before}", "a1"), "AF222"),
    "200 lets of 20 names": (
        lets(200, "+".join(f"a{at}" for at in range(20)), "a1"),
        "AF222",
    ),
    "3,000 fields of unknown data sets": (
        "+".join(f"f{at}.close" for at in range(3_000)),
        "AF280",
    ),
    "2,000 packs": ("strategy s {\n" + "use zz >= 1.0\n" * 2_000 + "signal returns}", "AF240"),
    "4,000 settings": (
        "strategy s {\nportfolio " + "long_short, " * 4_000 + "\nsignal returns}",
        "AF101",
    ),
    "4,900 comparisons": ("close" + "<close" * 4_900, "AF117"),
    "a window of 4,000 terms": ("ts_mean(close," + "+".join(["1"] * 4_000) + ")", "AF123"),
    "4,900 arguments": ("max(" + ",".join(["close"] * 4_900) + ")", "AF123"),
    "4,000 powers of powers": ("^".join(["9999999999"] * 4_000), "AF127"),
    "a string of 60,000 letters": ('"' + "a" * 60_000 + '"', "AF126"),
    "20,000 minus signs that are no ASCII": ("\u2212" * 20_000, "AF105"),
    "5,000 zero-width spaces": ("clo\u200bse " * 5_000, "AF105"),
    "a letter of every block": ("".join(map(chr, range(0x80, 0x3000))), "AF105"),
    "one character of each category": (every_category(), "AF105"),
    "20,000 square brackets behind names": ("a[" * 20_000, "AF121"),
    "10,000 question marks": ("close" + "??" * 4_000, "AF116"),
    "8,000 dollar signs": ("$close+" * 8_000 + "$close", "AF105"),
    "a range of 1e300 values": (
        "strategy s {\nparam p in 1 .. 1e300 step 1e-300\nsignal ts_mean(returns, p)\n}",
        "AF272",
    ),
    "a list of 3,000 values": (
        f"strategy s {{\nparam p in [{','.join(map(str, range(3_000)))}]\nsignal p\n}}",
        "AF270",
    ),
    "240 parameters of 9 values": (
        "strategy s {\n"
        + "".join(f"param p{at} in [1,2,3,4,5,6,7,8,9]\n" for at in range(240))
        + "signal ts_mean(returns, p)\n}",
        "AF102",
    ),
    "1,500 features": (
        "strategy s {\n"
        + "".join(f"feature f{at} = returns + {at}\n" for at in range(1_500))
        + "signal f1\n}",
        "AF124",
    ),
}

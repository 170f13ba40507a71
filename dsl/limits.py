"""The ceilings of one text; they are counted before any code that calls itself sees it."""

SOURCE_BYTES_MAX = 64 * 1024
TOKENS_MAX = 10_000
NESTING_MAX = 64  # open brackets
DEPTH_MAX = 128  # inputs of inputs of inputs, brackets or not: deepcopy takes four frames a level
NODES_MAX = 2_000  # after lets are written out
LETS_MAX = 256  # lets and factors together
LITERAL_DIGITS_MAX = 32
STRING_CHARS_MAX = 256
NAME_CHARS_MAX = 64
DIAGNOSTICS_MAX = 50  # errors; warnings and notes have as many again

"""lark's parse table, walked without lark's ceremony: most of a compile was spent in it.

lark builds the table and calls the builder's methods all the same. What is saved is the hashing of
its rules and strings, and the ladder of precedences: ``close`` alone climbs from atom to
expression in nine reductions that change no value, and here in one remembered jump.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_parser_state import ParseConf

from .lexer import Token


class _Move(NamedTuple):
    """What to do in a state at a token.

    ``size`` counts the values a reduction takes; it is below 0 for a shift, whose ``target`` is
    the next state. A reduction without ``build`` leaves its one value as it is.
    """

    size: int
    target: Any  # A state, or the name of what was read.
    build: Callable[[list[Any]], Any] | None = None


_DONE = _Move(-1, None)


class StuckError(Exception):
    """The tokens are no sentence; never leaves the package."""


class Machine:
    """Reads sentences of one start symbol."""

    def __init__(self, conf: "ParseConf[Any]") -> None:
        """Translate the table that lark made."""
        self._start = conf.start_state
        self._moves: dict[Any, dict[str, _Move]] = {}
        self._gotos: dict[Any, dict[str, Any]] = {}
        # The state after all reductions that change no value, by state, the one below, and token.
        self._jumps: dict[tuple[Any, Any, str], Any] = {}
        for state, row in conf.states.items():
            moves = self._moves[state] = {}
            gotos = self._gotos[state] = {}
            for name, (action, argument) in row.items():
                # lark's own strings compare slowly.
                plain = str.__str__(name)
                if action is not Shift:
                    moves[plain] = _reduction(argument, conf.callbacks)
                elif plain.isupper():
                    moves[plain] = _Move(-1, argument)
                else:
                    gotos[plain] = argument
        self._moves[conf.end_state]["$END"] = _DONE

    def read(self, tokens: Iterable[Token], last: Token) -> Any:  # noqa: ANN401  # As the builder makes it.
        """Return what the builder makes of a sentence; ``last`` is its end.

        Raises:
            StuckError: at a token that has no place there.
        """
        moves, gotos, jumps = self._moves, self._gotos, self._jumps
        states: list[Any] = [self._start]
        values: list[Any] = []
        for token in (*tokens, last):
            kind = token.type
            while True:
                move = moves[states[-1]].get(kind)
                if move is None:
                    raise StuckError
                size, target, build = move
                if size < 0:
                    break
                if build is None:
                    key = (states[-1], states[-2], kind)
                    state = jumps.get(key)
                    states[-1] = self._jump(key) if state is None else state
                    continue
                at = len(values) - size
                value = build(values[at:])
                del values[at:], states[at + 1 :]
                states.append(gotos[states[-1]][target])
                values.append(value)
            states.append(target)
            values.append(token)
        return values[0]

    def _jump(self, key: tuple[Any, Any, str]) -> Any:  # noqa: ANN401  # A state.
        """Follow reductions that change no value, and remember where they lead."""
        state, below, kind = key
        while (move := self._moves[state].get(kind)) is not None and (
            move.size == 1 and move.build is None
        ):
            state = self._gotos[below][move.target]
        self._jumps[key] = state
        return state


def _reduction(rule: Any, callbacks: Any) -> _Move:  # noqa: ANN401  # lark's own, without types.
    size = len(rule.expansion)
    keeps = size == 1 and rule.alias is None and rule.options.expand1
    return _Move(size, str.__str__(rule.origin.name), None if keeps else callbacks[rule])

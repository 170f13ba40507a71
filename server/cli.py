"""The command line: find the command, ask the gate, run it, say the answer."""

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NoReturn

from .. import __version__
from ..core.errors import (
    AlphaForgeError,
    BrokenError,
    InvalidInputError,
    InvalidTextError,
    UsageError,
)
from ..core.home import Home
from .command import Answer, Command, Session
from .settings import read_settings

# As a shell says it of a program that was interrupted.
EXIT_INTERRUPTED = 130
FORMULA_FLAGS = {"-e", "--like"}


def run_command(
    argv: Sequence[str],
    *,
    extra_commands: Mapping[str, Callable[[], Command]] | None = None,
    extras: Mapping[str, object] | None = None,
) -> int:
    """Run one command and return its exit code; commands of higher floors come as arguments."""
    is_json = "--json" in argv
    try:
        parser = build_parser(argv, extra_commands or {})
        answer = _run(parser.parse_args(joined(argv)), extras or {})
    except AlphaForgeError as error:
        return _say_error(error, is_json=is_json)
    except OSError as error:
        place = f"`{error.filename}`: " if error.filename else ""
        told = InvalidInputError(f"{place}{error.strerror or error}", help="look at that path")
        return _say_error(told, is_json=is_json)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001  # The outermost door: logged once, told in short.
        return _say_error(_broken(error, argv), is_json=is_json)
    _say(answer, is_json=is_json)
    return answer.exit_code


def _run(args: argparse.Namespace, extras: Mapping[str, object]) -> Answer:
    settings = read_settings(args.home or "", args.gateway_home or "")
    session = Session(
        home=Home(settings.home, settings.kernel_cache, settings.cache_bytes),
        settings=settings,
        principal=settings.human(),
        is_json=args.json,
        extras=extras,
    )
    command: Command = args.command
    work: Callable[[], Answer] = partial(command.run, session, args)
    if command.request is None:
        return work()
    # Opened late: `serve` asks the gate at its first call, and starts sooner for it.
    from ..policies.gate import enforce

    request = command.request(session, args)
    return enforce(request, gate=session.gate, work=lambda _decision: work())


def _broken(error: Exception, argv: Sequence[str]) -> BrokenError:
    from ..tools.logs import log

    log().exception("command.broke", command=argv[0] if argv else "")
    return BrokenError(
        f"the command broke inside: {type(error).__name__}", help="the line before has the trace"
    )


class Parser(argparse.ArgumentParser):
    """argparse that raises our error instead of leaving by itself."""

    def error(self, message: str) -> NoReturn:
        """Say what does not fit.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{self.prog}: {message}", help=" ".join(self.format_usage().split()))


def joined(argv: Sequence[str]) -> list[str]:
    """Bind a formula to its flag, so that one that begins with a minus is no flag of its own."""
    words: list[str] = []
    for word in argv:
        if words and words[-1] in FORMULA_FLAGS and word.startswith("-"):
            flag = words.pop()
            words.append(f"{flag}{word}" if flag == "-e" else f"{flag}={word}")
        else:
            words.append(word)
    return words


def build_parser(
    argv: Sequence[str], extra_commands: Mapping[str, Callable[[], Command]]
) -> argparse.ArgumentParser:
    """Build the parser; only the command that is named gets imported, so that each starts fast."""
    parser = Parser(
        prog="alphaforge", description="Research and trade crypto perpetuals, gated by policy."
    )
    parser.add_argument("--version", action="version", version=f"alphaforge {__version__}")
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)
    known = command_names(extra_commands)
    named = next((word for word in argv if word in known), "")
    for name in [named] if named else known:
        command = load_command(name, extra_commands)
        sub = verbs.add_parser(name, help=command.help, description=command.help)
        command.configure(sub)
        sub.set_defaults(command=command)
    _add_common(parser)
    parser.set_defaults(home="", gateway_home="", json=False)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:  # noqa: SLF001  # argparse has no public way to list them.
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for child in action.choices.values():
                _add_common(child)
    group = parser.add_argument_group("common")
    # SUPPRESS: a flag given before a sub-verb must survive the sub-verb's own defaults.
    group.add_argument("--home", default=argparse.SUPPRESS, help="the AlphaForge home folder")
    group.add_argument(
        "--gateway-home", default=argparse.SUPPRESS, help="the gateway's own home folder"
    )
    group.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="answer in JSON"
    )


def command_names(extra_commands: Mapping[str, Callable[[], Command]]) -> list[str]:
    """List the commands there are: the files of ``server/commands`` and what was passed in."""
    import pkgutil

    from . import commands

    found = {info.name.replace("_", "-") for info in pkgutil.iter_modules(commands.__path__)}
    return sorted(found | set(extra_commands))


def load_command(name: str, extra_commands: Mapping[str, Callable[[], Command]]) -> Command:
    """Import one command."""
    if name in extra_commands:
        return extra_commands[name]()
    module = importlib.import_module(f"{__package__}.commands.{name.replace('-', '_')}")
    command: Command = module.COMMAND
    return command


def _say(answer: Answer, *, is_json: bool) -> None:
    if is_json:
        sys.stdout.write(json.dumps(answer.data, sort_keys=True, default=str) + "\n")
    elif answer.text:
        out = sys.stderr if answer.is_error else sys.stdout
        out.write(answer.text.rstrip("\n") + "\n")


def _say_error(error: AlphaForgeError, *, is_json: bool) -> int:
    if is_json:
        sys.stdout.write(json.dumps(error_fields(error), sort_keys=True) + "\n")
        return error.exit_code
    if isinstance(error, InvalidTextError):
        from ..core.diagnostics import render_all

        sys.stderr.write(render_all(error.diagnostics, error.text) + "\n")
        return error.exit_code
    lines = [f"error[{error.code}]: {error.message}"]
    lines += [f"  = help: {error.help}"] if error.help else []
    lines += [f"  = next: {error.next}"] if error.next else []
    sys.stderr.write("\n".join(lines) + "\n")
    return error.exit_code


def error_fields(error: AlphaForgeError) -> dict[str, object]:
    """Return what an agent reads of an error."""
    fields: dict[str, object] = {
        "code": error.code,
        "message": error.message,
        "span": None,
        "help": error.help,
        "next": error.next,
    }
    if isinstance(error, InvalidTextError):
        fields["diagnostics"] = [item.fields(error.text) for item in error.diagnostics]
    return fields

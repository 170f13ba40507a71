"""The command line: find the command, ask the gate, run it, say the answer."""

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from .. import __version__
from ..core.errors import AlphaForgeError, InvalidTextError
from ..core.home import Home
from .command import Answer, Command, Session
from .settings import read_settings

EXIT_USAGE = 2
EXIT_INTERNAL = 4


def run_command(
    argv: Sequence[str],
    *,
    extra_commands: Mapping[str, Callable[[], Command]] | None = None,
    extras: Mapping[str, object] | None = None,
) -> int:
    """Run one command and return its exit code; commands of higher floors come as arguments."""
    parser = build_parser(argv, extra_commands or {})
    args = parser.parse_args(argv)
    settings = read_settings(args.home or "", args.gateway_home or "")
    session = Session(
        home=Home(settings.home, settings.kernel_cache),
        settings=settings,
        principal=settings.human(),
        is_json=args.json,
        extras=extras or {},
    )
    command: Command = args.command
    work: Callable[[], Answer] = partial(command.run, session, args)
    try:
        if command.request is None:
            answer = work()
        else:
            # Opened late: `serve` asks the gate at its first call, and starts sooner for it.
            from ..policies.gate import enforce

            request = command.request(session, args)
            answer = enforce(request, gate=session.gate, work=lambda _decision: work())
    except AlphaForgeError as error:
        return _say_error(error, is_json=args.json)
    except KeyboardInterrupt:
        return EXIT_INTERNAL
    _say(answer, is_json=args.json)
    return answer.exit_code


def build_parser(
    argv: Sequence[str], extra_commands: Mapping[str, Callable[[], Command]]
) -> argparse.ArgumentParser:
    """Build the parser; only the command that is named gets imported, so that each starts fast."""
    parser = argparse.ArgumentParser(
        prog="alphaforge", description="Research and trade crypto perpetuals, gated by policy."
    )
    parser.add_argument("--version", action="version", version=f"alphaforge {__version__}")
    parser.set_defaults(home="", gateway_home="", json=False)
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)
    named = next((word for word in argv if not word.startswith("-")), "")
    known = command_names(extra_commands)
    for name in [named] if named in known else known:
        command = load_command(name, extra_commands)
        sub = verbs.add_parser(name, help=command.help, description=command.help)
        command.configure(sub)
        _add_common(sub)
        sub.set_defaults(command=command)
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
        sys.stdout.write(answer.text.rstrip("\n") + "\n")


def _say_error(error: AlphaForgeError, *, is_json: bool) -> int:
    if is_json:
        sys.stdout.write(json.dumps({"error": error_fields(error)}, sort_keys=True) + "\n")
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
        "help": error.help,
        "next": error.next,
    }
    if isinstance(error, InvalidTextError):
        fields["diagnostics"] = [item.fields(error.text) for item in error.diagnostics]
    return fields

"""The command ``nabi``."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import webbrowser
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from bot import lab_command, logs
from bot.i18n import say
from bot.own import own_version
from bot.settings import Settings, unknown, variable_of, variables
from engine.lab import arguments as lab_arguments
from engine.request import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_OURS: Final = 1
_USERS: Final = 2

_RUN_EXAMPLES: Final = """\
examples:
  nabi                        with DISCORD_TOKEN set: on Discord; without: the local chat
  nabi run --port 8000        the local chat's page at http://127.0.0.1:8000
  nabi run --try "g8 e8 e4 f8"
                              type one !continue in the local chat, show the reply and stop
"""

_CONTINUE_EXAMPLES: Final = """\
examples:
  nabi continue "g8 e8 e4 f8"
  nabi continue "g8 e8 e4 f8" --bars 8 --seed 7 --out tune
  nabi continue melody.mid --style irish --as lilypond --out tune
  nabi continue "g8 e8 e4 f8" --takes 3 --out tune
  echo "솔8 미8 미4 파8" | nabi continue - --json
"""

_TRAIN_EXAMPLES: Final = """\
examples:
  nabi train                  go on from the version that answers, with all there is to learn
                              from: the bundled collections and the folder 'corpus' in the
                              data folder; the new version answers if it is better
  nabi train --collections corpus --epochs 8 --name reels
  nabi train --dry-run        what it would learn from, and how long it would take
  nabi train --from scratch --out versions/
                              for another machine: drop the folder into its data/weights/
"""

_EVALUATE_EXAMPLES: Final = """\
examples:
  nabi evaluate tunes/        every MIDI, MusicXML, ABC and JSON file in a folder, by folder
  nabi evaluate songs.json reels.abc --version nabi-2
  nabi evaluate tunes/ --tunes 50 --json
"""

_MODELS_EXAMPLES: Final = """\
examples:
  nabi models                 list the versions; * marks the one that answers
  nabi models use nabi-2
  nabi models rollback
  nabi models prune           remove the oldest beyond NABI_KEEP_VERSIONS
"""

_HEALTH_EXAMPLES: Final = """\
examples:
  nabi health                 ask /healthz on NABI_HEALTH_HOST and NABI_HEALTH_PORT
  NABI_HEALTH_PORT=9000 nabi health
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line and give the exit status.

    Returns:
        0: done; 1: something failed on our side; 2: the command line or the input is wrong.
    """
    argv = list(sys.argv[1:] if arguments is None else arguments)
    if not argv or (argv[0].startswith("-") and argv[0] not in {"-h", "--help", "--version"}):
        argv.insert(0, "run")
    args = build_parser(argv[0]).parse_args(argv)
    if argv[0] == "run":  # for what is wrong with .env
        logs.set_up("WARNING", "text" if sys.stderr.isatty() else "json")
    settings = _read_settings()
    if isinstance(settings, str):
        return _complain(settings, _USERS)
    command: Callable[[argparse.Namespace, Settings], int] = args.command
    try:
        return command(args, settings)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # somebody piped us into head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _complain(str(error), _OURS)


def _read_settings() -> Settings | str:
    """Read what is set, or tell what is wrong with it."""
    try:
        return Settings()
    except ValidationError as error:
        # Only names and reasons: what was set may be a secret.
        wrong = (f"{variable_of(str(each['loc'][0]))}: {each['msg']}" for each in error.errors())
        return f"a setting cannot be used: {'; '.join(wrong)}"
    except UnicodeDecodeError:
        return "the file .env cannot be read: it is not UTF-8 text"
    except OSError as error:
        return f"the file .env cannot be read: {error.strerror}"


def build_parser(command: str = "") -> argparse.ArgumentParser:
    """Build the parser; the options of ``train`` and ``evaluate`` are only known to themselves.

    They belong to modules that take long to import.
    """
    parser = argparse.ArgumentParser(
        prog="nabi",
        description="Nabi finishes the tune you start: on Discord, in a local chat or right here.",
        epilog="'nabi COMMAND --help' shows examples. Settings are read from the environment and "
        f"from .env: {', '.join(variables())}.",
    )
    parser.add_argument("--version", action="version", version=f"nabi {own_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_run(commands)
    _add_continue(commands)
    _add_train(commands, training=command == "train")
    _add_evaluate(commands, measuring=command == "evaluate")
    _add_models(commands)
    what = "ask the bot that runs here whether it answers; 0: it does, 1: it does not"
    _add(commands, "health", what, _HEALTH_EXAMPLES, _health)
    lab = _add(commands, "lab", lab_command.WHAT, lab_arguments.EXAMPLES, lab_command.run_lab)
    lab_arguments.add_arguments(lab)
    return parser


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    what: str,
    examples: str,
    command: Callable[[argparse.Namespace, Settings], int],
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(command=command)
    return parser


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "run", "start the bot (the default)", _RUN_EXAMPLES, _run)
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--local", action="store_true", help="use the local chat even when DISCORD_TOKEN is set"
    )
    where.add_argument(
        "--discord", action="store_true", help="stop instead when DISCORD_TOKEN is not set"
    )
    parser.add_argument("--port", type=_port, help="port of the local chat's page (default: 8642)")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page")
    parser.add_argument(
        "--try",
        dest="trial",
        metavar="TEXT",
        help="ask the local chat for one continuation of TEXT, show the reply and stop",
    )


def _add_continue(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "finish a tune here, without any chat"
    parser = _add(commands, "continue", what, _CONTINUE_EXAMPLES, _continue)
    parser.add_argument(
        "source",
        nargs="*",
        metavar="CODES or FILE",
        help="note codes, a MIDI, MusicXML, ABC or text file, or - for the standard input; "
        "nothing: invent a tune",
    )
    for name, option in OPTIONS.items():
        closed = option.choices or option.low is not None
        values = f": {option.expected}" if closed else ""
        default = "" if option.default is None else f" (default: {option.default})"
        what = say("en", f"option-{name}")
        parser.add_argument(f"--{name}", metavar=name.upper(), help=f"{what}{values}{default}")
    parser.add_argument("--out", metavar="DIR", help="folder for the files that are made")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--no-picture", dest="picture", action="store_false", help="no score.png")
    parser.add_argument("--no-audio", dest="audio", action="store_false", help="no nabi.ogg")


def _add_train(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], *, training: bool
) -> None:
    what = "train a new model version"
    parser = _add(commands, "train", what, _TRAIN_EXAMPLES, _train)
    if training:
        from bot.training.command import add_arguments  # noqa: PLC0415 - imports NumPy

        add_arguments(parser)


def _add_evaluate(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], *, measuring: bool
) -> None:
    what = "measure how well a version predicts melodies"
    parser = _add(commands, "evaluate", what, _EVALUATE_EXAMPLES, _evaluate)
    if measuring:
        from engine.evaluation.command import add_arguments  # noqa: PLC0415 - imports NumPy

        add_arguments(parser)


def _add_models(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    what = "list model versions, or choose the one that answers"
    parser = _add(commands, "models", what, _MODELS_EXAMPLES, _models)
    parser.add_argument(
        "action", nargs="?", choices=("list", "use", "rollback", "prune"), default="list"
    )
    parser.add_argument("name", nargs="?", help="the version to use")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _complain(sentence: str, status: int) -> int:
    print(f"nabi: {sentence}", file=sys.stderr)
    return status


def _log_complaint(sentence: str, status: int) -> int:
    """Complain where machines read every line."""
    logging.getLogger(__name__).critical("%s", sentence)
    return status


def _set_up_log(settings: Settings, usual: str, form: logs.Form = "text") -> None:
    """Log at the level that is set, else at the one that suits the command."""
    level = settings.log_level if "log_level" in settings.model_fields_set else usual
    logs.set_up(level, form, logs.secrets_of(settings))


def _name_unknown() -> None:
    if strange := unknown():
        logging.getLogger(__name__).warning("no settings of mine: %s", ", ".join(strange))


def _run(args: argparse.Namespace, settings: Settings) -> int:
    import discord  # noqa: PLC0415 - other commands start faster without

    from bot import launch  # noqa: PLC0415 - likewise
    from bot.errors import BadDatabase  # noqa: PLC0415 - likewise
    from bot.explaining import explain, record  # noqa: PLC0415 - likewise
    from engine.errors import EngineError  # noqa: PLC0415 - likewise

    token = settings.discord_token
    local = args.local or args.trial is not None or token is None
    form = logs.form_of(settings)
    _set_up_log(settings, "WARNING" if local else "INFO", form)
    _name_unknown()
    complain = _complain if form == "text" or (local and not args.discord) else _log_complaint

    async def start() -> int:
        if args.discord and token is None:
            raise discord.LoginFailure
        stop = asyncio.Event()
        launch.stop_on_signals(stop)
        asyncio.get_running_loop().set_exception_handler(logs.on_loop_error)
        if args.trial is not None:
            from bot.trial import try_once  # noqa: PLC0415 - only here

            whole, shown = await try_once(settings, args.trial, stop)
            print(shown)
            return 0 if whole else _OURS
        if local or token is None:
            browse = not args.no_browser and _has_desktop()
            await launch.run_local(settings, args.port, stop, lambda url: _tell(url, browse=browse))
        else:
            await launch.run_discord(settings, token.get_secret_value(), stop)
        return 0

    try:
        return asyncio.run(start())
    except discord.LoginFailure:
        told = "Discord refused the token; look at" if token else "Put the bot's token into"
        return complain(f"{told} DISCORD_TOKEN.", _USERS)
    except EngineError as error:
        return complain(f"{explain(error, 'en')} ({error})", _OURS)
    except BadDatabase as error:
        return complain(explain(error, "en"), _OURS)
    except OSError as error:
        return complain(str(error), _OURS)
    except Exception as error:  # noqa: BLE001 - a trace of Python's own is no line of JSON
        code = record(error, "the bot").code
        return complain(f"{type(error).__name__}; the log tells more under {code}", _OURS)


def _tell(url: str, *, browse: bool) -> None:
    print(f"Nabi's local chat is open at {url} (Ctrl-C stops it)", flush=True)
    if browse:
        webbrowser.open(url)


def _has_desktop() -> bool:
    """Tell whether a browser can be opened for the person who started us."""
    if not sys.stdout.isatty():
        return False
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _continue(args: argparse.Namespace, settings: Settings) -> int:
    from pathlib import Path  # noqa: PLC0415 - with the rest

    from bot import offline  # noqa: PLC0415 - other commands start faster without
    from bot.errors import InText  # noqa: PLC0415 - likewise
    from bot.explaining import explain, is_users_fault  # noqa: PLC0415 - likewise
    from engine.errors import EngineError  # noqa: PLC0415 - likewise

    _set_up_log(settings, "ERROR")
    try:
        request = offline.request_from(args)
        result = asyncio.run(offline.continue_offline(request, settings))
        written = offline.write_files(result, Path(args.out)) if args.out is not None else []
    except offline.Misused as error:
        return _complain(str(error), _USERS)
    except (EngineError, InText) as error:
        sentence = explain(error, "en")
        if is_users_fault(error):
            return _complain(sentence, _USERS)
        return _complain(f"{sentence} ({error})", _OURS)
    print(
        offline.as_json(result, written)
        if args.json
        else offline.as_text(result, args.source, written)
    )
    return 0


def _train(args: argparse.Namespace, settings: Settings) -> int:
    from bot.errors import BadDatabase  # noqa: PLC0415 - other commands start faster without
    from bot.explaining import explain  # noqa: PLC0415 - other commands start faster without
    from bot.training.command import run  # noqa: PLC0415 - likewise

    try:
        return run(args, settings)
    except BadDatabase as error:
        return _complain(explain(error, "en"), _OURS)


def _evaluate(args: argparse.Namespace, settings: Settings) -> int:
    from bot.explaining import explain, is_users_fault  # noqa: PLC0415 - other commands start faster without
    from bot.launch import open_registry  # noqa: PLC0415 - likewise
    from engine.errors import EngineError  # noqa: PLC0415 - likewise
    from engine.evaluation.command import run  # noqa: PLC0415 - likewise

    _set_up_log(settings, "ERROR")
    try:
        cache = settings.data / "cache" / "corpus"
        return run(args, open_registry(settings), cache, lambda error: explain(error, "en"))
    except EngineError as error:
        status = _USERS if is_users_fault(error) else _OURS
        return _complain(f"{explain(error, 'en')} ({error})", status)


def _models(args: argparse.Namespace, settings: Settings) -> int:
    from bot.training.models_command import run  # noqa: PLC0415 - other commands start faster without

    return run(args, settings)


def _health(_args: argparse.Namespace, settings: Settings) -> int:
    from bot.probe import ask  # noqa: PLC0415 - other commands start faster without

    answers, told = ask(settings.health_host, settings.health_port)
    print(told)
    return 0 if answers else _OURS


if __name__ == "__main__":
    sys.exit(main())

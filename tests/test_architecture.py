"""Who may know whom: the rules that keep the rooms apart, asserted on every import."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("bot", "cogs", "engine")
FILES: Final = tuple(
    path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))
)
HEAVY: Final = {"keras", "tensorflow"}
DOOR: Final = {"engine.service", "engine.request", "engine.errors"}

PASSES_THE_ENVIRONMENT_ON: Final = {"engine/workers/process.py", "engine/formats/library.py"}
"""Hands the environment down to worker processes, without the token; hides it from music21.

Neither takes a setting from it.
"""


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(path: Path, nodes: Iterator[ast.AST] | None = None) -> set[str]:
    """Names of all modules that a file imports, wherever it does so.

    ``from a import b`` counts as ``a`` and as ``a.b``: ``b`` may be a module.
    """
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    found: set[str] = set()
    for node in nodes or ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _calls_import(node):
            found.add(str(ast.literal_eval(node.args[0])))
    return found


def _calls_import(node: ast.Call) -> bool:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    return (
        name in {"import_module", "__import__"}
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
    )


def belongs(module: str, to: set[str]) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in to)


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs while a module is imported: no function's body, no type-checking block."""
    yield node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        children: list[Any] = [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults]
    elif isinstance(node, ast.Lambda):
        children = [*node.args.defaults, *node.args.kw_defaults]
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        children = list(node.orelse)
    else:
        children = list(ast.iter_child_nodes(node))
    for child in filter(None, children):
        yield from at_import(child)


def reads_environment(nodes: Iterator[ast.AST]) -> bool:
    """Tell whether ``os.environ`` or ``os.getenv`` occurs, however it was imported."""
    names = {"environ", "environb", "getenv", "getenvb"}
    return any(
        (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.Name) and node.id in names)
        or (isinstance(node, ast.ImportFrom) and names & {alias.name for alias in node.names})
        for node in nodes
    )


def run(code: str, *args: str) -> Any:
    """Run code in a fresh interpreter and give the JSON that it prints last."""
    done = subprocess.run(
        [sys.executable, "-c", code, *args], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


LOAD = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""


def loaded_by(*modules: str) -> set[str]:
    """Names of all modules that are loaded once these are imported."""
    return set(run(LOAD, *modules))


def named(package: str) -> list[str]:
    return [module_name(path) for path in FILES if label(path).startswith(f"{package}/")]


# --- the engine knows nothing of Discord ----------------------------------------------------


@pytest.mark.parametrize("path", [p for p in FILES if label(p).startswith("engine/")], ids=label)
def test_the_engine_knows_nothing_of_discord(path: Path) -> None:
    assert not [name for name in imported(path) if belongs(name, {"discord", "bot", "cogs"})]


def test_the_engine_loads_nothing_of_discord() -> None:
    modules = loaded_by(*(name for name in named("engine") if name not in heavy_modules()))
    assert not {name for name in modules if belongs(name, {"discord", "bot", "cogs"})}


# --- cogs know the door only ----------------------------------------------------------------


@pytest.mark.parametrize("path", [p for p in FILES if label(p).startswith("cogs/")], ids=label)
def test_cogs_know_only_the_engines_door_and_its_plain_data(path: Path) -> None:
    names = imported(path)
    inside = {name for name in names if belongs(name, {"engine"})}
    assert not {name for name in inside if not belongs(name, DOOR)} - {"engine"}
    assert not {name for name in names if belongs(name, HEAVY | {"numpy", "music21"})}


# --- nothing heavy where the bot starts and answers -----------------------------------------


@cache
def heavy_modules() -> set[str]:
    """Our modules that load TensorFlow or Keras when they are imported, directly or through us."""
    direct = {module_name(path): imported(path, at_import(tree(path))) for path in FILES}
    heavy = {module for module, names in direct.items() if any(belongs(n, HEAVY) for n in names)}
    while True:
        more = {module for module, names in direct.items() if names & heavy} | heavy
        if more == heavy:
            return heavy
        heavy = more


def test_only_training_knows_tensorflow() -> None:
    outside = {
        label(path)
        for path in FILES
        if any(belongs(name, HEAVY) for name in imported(path))
        and not label(path).startswith(
            ("engine/network", "engine/training", "engine/dataset", "engine/lab/")
        )
    }
    assert not outside


def test_the_bots_process_loads_neither_tensorflow_nor_what_reads_strangers_files() -> None:
    modules = loaded_by(*named("bot"), *named("cogs"), "engine.service", "engine.registry")
    assert not {name for name in modules if belongs(name, HEAVY | {"music21", "verovio"})}


def test_what_answers_loads_no_tensorflow() -> None:
    modules = loaded_by("engine.workers.child", "engine.workers.worker", "engine.workers.reader")
    assert not {name for name in modules if belongs(name, HEAVY)}


# --- only the bot reads the environment, and nobody at import -------------------------------


@pytest.mark.parametrize("path", FILES, ids=label)
def test_nothing_reads_the_environment_at_import(path: Path) -> None:
    assert not reads_environment(at_import(tree(path)))


@pytest.mark.parametrize("path", [p for p in FILES if not label(p).startswith("bot/")], ids=label)
def test_only_the_bot_reads_the_environment(path: Path) -> None:
    if label(path) not in PASSES_THE_ENVIRONMENT_ON:
        assert not reads_environment(ast.walk(tree(path)))


SPY = """
import importlib, json, os, sys
root, *names = sys.argv[1:]
reads = set()

def foreign(file):
    # The import of a library may read what it likes; a call that we make while we are
    # imported may not. So may pydantic, which looks for plugins when a class is made.
    return "importlib" in file or "/pydantic/plugin/" in file.replace(os.sep, "/")

def note():
    frame = sys._getframe(2)
    while frame is not None and not foreign(frame.f_code.co_filename):
        if frame.f_code.co_filename.startswith(root):
            reads.add(f"{frame.f_code.co_filename}:{frame.f_lineno}")
        frame = frame.f_back

class Spy(type(os.environ)):
    def __getitem__(self, key):
        note()
        return super().__getitem__(key)

    def __iter__(self):
        note()
        return super().__iter__()

os.environ.__class__ = Spy
for name in names:
    importlib.import_module(name)
print(json.dumps(sorted(reads)))
"""


def test_no_import_reads_the_environment_indirectly() -> None:
    names = [name for name in chain.from_iterable(map(named, PACKAGES)) if "__main__" not in name]
    light = [name for name in names if name not in heavy_modules()]
    assert run(SPY, f"{ROOT}/", *light) == []


def test_the_spy_sees(tmp_path: Path) -> None:
    (tmp_path / "direct.py").write_text("import os\nos.environ.get('X')\n", encoding="utf-8")
    (tmp_path / "through.py").write_text(
        "import os, shutil\nshutil.which('python')\n", encoding="utf-8"
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{SPY}"
    reads = run(code, f"{tmp_path}/", "direct", "through")
    assert [Path(read).name for read in reads] == ["direct.py:2", "through.py:2"]

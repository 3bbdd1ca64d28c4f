"""What an operator copies: settings, the image, compose, the unit. Held against the program."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from bot.settings import Settings, variables

ROOT: Final = Path(__file__).parents[1]
CLOSING: Final = 15
"""Seconds that the end takes beyond the drain: the engine's and the gateway's."""


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def field_of(variable: str) -> str:
    return "discord_token" if variable == "DISCORD_TOKEN" else variable[5:].lower()


def default_of(variable: str) -> Any:
    """Give a setting's default; "" where it is none, or made from something else."""
    default = Settings.model_fields[field_of(variable)].get_default(call_default_factory=False)
    if default is None or default is PydanticUndefined:
        return ""
    return default.get_secret_value() if isinstance(default, SecretStr) else default


def test_the_example_lists_every_setting_with_its_default() -> None:
    lines = re.findall(r"^#?([A-Z_]+)=(.*)$", read(".env.example"), re.MULTILINE)
    assert sorted(name for name, _ in lines) == sorted(variables())
    for name, value in lines:
        default = default_of(name)
        assert type(default)(value) == default, name


def test_the_example_can_be_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    copied = tmp_path / ".env"
    copied.write_text(read(".env.example"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    plain = Settings(_env_file=None)  # type: ignore[call-arg]  # pydantic's own
    assert Settings() == plain
    uncommented = re.sub(r"^#(?=[A-Z_]+=)", "", read(".env.example"), flags=re.MULTILINE)
    copied.write_text(uncommented, encoding="utf-8")
    assert Settings() == plain


def test_the_readme_lists_every_setting() -> None:
    rows = re.findall(
        r"^\| `((?:NABI|DISCORD)_[A-Z_]+)` \| (.+) \| (.+) \|$", read("README.md"), re.MULTILINE
    )
    assert {name for name, _, _ in rows} == set(variables())
    for name, _, told in rows:
        default = default_of(name)
        if isinstance(default, int | float):
            assert float(told.strip("`")) == default, name


def test_help_names_every_setting() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    words = set(re.findall(r"[A-Z_]{4,}", done.stdout.replace("\n", " ")))
    assert set(variables()) <= words


def instructions(text: str) -> list[tuple[str, str]]:
    """Read a Dockerfile: instruction and what follows, continued lines joined."""
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    lines = [line.strip() for line in plain.replace("\\\n", " ").splitlines()]
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines if line]


def test_the_image_has_two_stages_and_runs_as_nobody_special() -> None:
    every = instructions(read("Dockerfile"))
    starts = [n for n, (what, _) in enumerate(every) if what == "FROM"]
    assert len(starts) == 2
    build, final = every[: starts[1]], every[starts[1] :]
    assert any("-slim" in rest for what, rest in final if what == "FROM")
    assert ("USER", "10001:10001") in final
    assert ("VOLUME", '["/data"]') in final
    assert ("STOPSIGNAL", "SIGTERM") in final
    last = dict(final)
    assert json.loads(last["ENTRYPOINT"]) == ["nabi"]  # exec form: the signal reaches the program
    assert json.loads(last["CMD"]) == ["run", "--discord"]
    check = re.search(r"CMD (\[.*\])$", last["HEALTHCHECK"])
    assert check is not None
    assert json.loads(check[1]) == ["nabi", "health"]
    installs = [rest for what, rest in final if what == "RUN" and "install " in rest]
    assert not any(re.search(r"pip[^;&]* install |apt-get", rest) for rest in installs)
    assert "PIP_CONSTRAINT=/src/constraints.txt" in dict(build)["ENV"]
    for what, rest in build:
        if what == "RUN":
            json.loads(rest)


def test_the_image_gets_all_that_is_copied_into_it_and_no_secret() -> None:
    ignored = [line for line in read(".dockerignore").splitlines() if not line.startswith("#")]
    assert ignored[0] == "*"
    kept = {line[1:] for line in ignored if line.startswith("!")}
    copied = set()
    for what, rest in instructions(read("Dockerfile")):
        if what == "COPY" and not rest.startswith("--from"):
            copied.update(rest.split()[:-1])
    assert copied == kept
    assert all((ROOT / name).exists() for name in copied)
    packages = tomllib.loads(read("pyproject.toml"))["tool"]["setuptools"]["packages"]["find"]
    assert {name.rstrip("*") for name in packages["include"]} <= copied


def test_the_dependencies_are_the_projects() -> None:
    done = subprocess.run(
        [
            *(sys.executable, ROOT / "deploy" / "dependencies.py", ROOT / "pyproject.toml"),
            "postgres",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    project = tomllib.loads(read("pyproject.toml"))["project"]
    extra = project["optional-dependencies"]["postgres"]
    assert done.stdout.splitlines() == [*project["dependencies"], *extra]


def test_every_dependency_is_pinned() -> None:
    def plain(name: str) -> str:
        return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=;! ]", name)[0]).lower()

    pinned = {plain(line) for line in read("constraints.txt").splitlines() if "==" in line}
    project = tomllib.loads(read("pyproject.toml"))["project"]
    every = [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
    wanted = {plain(each) for each in every if "!= 'linux'" not in each}
    assert wanted <= pinned


def test_compose_waits_longer_than_the_drain() -> None:
    text = read("compose.yaml")
    grace = re.search(r"^    stop_grace_period: (\d+)s$", text, re.MULTILINE)
    assert grace is not None
    assert int(grace[1]) >= Settings.model_fields["drain"].default + CLOSING
    for line in ("restart: unless-stopped", "read_only: true", "- ALL", "no-new-privileges:true"):
        assert line in text
    assert re.search(r"^      - data:/data$", text, re.MULTILINE)
    assert re.search(r"^      - /tmp:", text, re.MULTILINE)
    assert "ports:" not in text


def unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in read("deploy/nabi.service").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def test_the_unit_is_hardened_and_patient() -> None:
    told = unit()
    for name, value in {
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "DynamicUser": "yes",
        "StateDirectory": "nabi",
        "Restart": "on-failure",
        "RestartPreventExitStatus": "2",
        "KillMode": "mixed",
        "CapabilityBoundingSet": "",
    }.items():
        assert told[name] == [value]
    assert "EnvironmentFile" in told
    assert told["ExecStart"] == ["/opt/nabi/bin/nabi run --discord"]
    drain = Settings.model_fields["drain"].default
    assert int(told["TimeoutStopSec"][0]) >= drain + CLOSING


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    copied = tmp_path / "nabi.service"
    copied.write_text(read("deploy/nabi.service").replace("/opt/nabi/bin/nabi", sys.executable))
    done = subprocess.run(
        ["systemd-analyze", "verify", copied], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "nabi.service" not in done.stderr

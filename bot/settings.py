"""All that an operator can set, from the environment or a ``.env`` file.

Names start with ``NABI_``; only ``DISCORD_TOKEN`` keeps the name that everyone knows.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_data_path
from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict


def _usual_data() -> Path:
    try:
        return user_data_path("nabi", appauthor=False)
    except RuntimeError:  # whoever runs us has no home
        return Path("~")  # the settings say so


class Settings(BaseSettings):
    """What the program is told from outside.

    Attributes:
        discord_token: the bot's token; None: the local chat is started instead.
        data: folder for the database and for trained models.
        database: SQLAlchemy address of the database; empty: a SQLite file in ``data``.
        workers: processes that compose.
        home_guild: server whose administrators may retrain; None: the only server there is.
        log_level: least level of what is logged.
        log_format: ``text`` for people, ``json`` for machines (one object a line); ``auto``: text
            on a terminal, JSON elsewhere.
        prefix: what commands in messages start with.
        cooldown: seconds between two tunes of one member.
        corpus: folder of tunes to learn from; None: ``corpus`` in ``data``.
        keep_versions: models trained here that are kept, the newest first; 0: all.
        drain: seconds that running requests get to finish when the bot stops.
        health_port: port of ``/healthz`` and ``/metrics``; 0: neither is served.
        health_host: address that they are served on.
        source_url: where this program's source is; empty: what the package itself names.
    """

    model_config = SettingsConfigDict(
        env_prefix="NABI_",
        env_file=".env",
        env_file_encoding="utf-8-sig",  # some editors begin a file with a mark
        extra="ignore",
        populate_by_name=True,
        frozen=True,
    )

    discord_token: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("DISCORD_TOKEN", "discord_token")
    )
    data: Path = Field(default_factory=_usual_data, validate_default=True)
    database: SecretStr = SecretStr("")
    workers: int = Field(default=2, ge=1, le=64)
    home_guild: int | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["auto", "text", "json"] = "auto"
    prefix: Annotated[str, StringConstraints(min_length=1, max_length=10)] = "!"
    cooldown: float = Field(default=3.0, ge=0, le=3600)
    corpus: Path | None = None
    keep_versions: int = Field(default=10, ge=0, le=10_000)
    drain: float = Field(default=30.0, ge=0, le=600)
    health_port: int = Field(default=8643, ge=0, le=65535)
    health_host: str = "127.0.0.1"
    source_url: Annotated[str, StringConstraints(pattern=r"^(https?://\S{1,500})?$")] = ""

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_set(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Read ``DISCORD_TOKEN=`` in a copied ``.env`` file as not set."""
        return {
            name: value
            for name, value in given.items()
            if not isinstance(value, str) or value.strip()
        }

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("log_format", mode="before")
    @classmethod
    def _small(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("data", "corpus", mode="after")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        try:
            return value and value.expanduser().absolute()
        except RuntimeError:
            told = "there is no such home folder; name the whole path"
            raise PydanticCustomError("home", told) from None

    @property
    def corpus_folder(self) -> Path:
        """Folder of tunes to learn from."""
        return self.corpus or self.data / "corpus"

    @property
    def database_url(self) -> str:
        """Address of the database for SQLAlchemy."""
        from sqlalchemy.engine import URL  # noqa: PLC0415 - most commands need no database

        # Not put together by hand: in an address, "?" and "%" have a meaning of their own.
        file = URL.create("sqlite+aiosqlite", database=str(self.data / "nabi.db"))
        return self.database.get_secret_value() or file.render_as_string(hide_password=False)


def variable_of(field: str) -> str:
    """Name the variable from which a setting is read."""
    named = Settings.model_config.get("env_prefix", "")
    token = field.lower() == "discord_token"
    return (field if token else f"{named}{field}").upper()


def variables() -> tuple[str, ...]:
    """Name the variables that are read, in the order of the settings."""
    return tuple(map(variable_of, Settings.model_fields))


def unknown() -> list[str]:
    """Name what is set like a setting and is none, each with the one that may be meant."""
    names = set(os.environ)
    with contextlib.suppress(OSError, UnicodeDecodeError):
        text = Path(".env").read_text(encoding="utf-8-sig")
        names.update(re.findall(r"^\s*(?:export\s+)?(\w+)\s*=", text, re.MULTILINE))
    strange = sorted(each for each in map(str.upper, names) if each.startswith("NABI_"))
    told = []
    for name in strange:
        if name not in variables():
            meant = difflib.get_close_matches(name, variables(), 1, 0.8)
            told.append(f"{name} ({meant[0]}?)" if meant else name)
    return told

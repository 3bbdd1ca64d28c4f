"""Read the body of a message: content, embeds, files, mentions, all within Discord's limits."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bot.chat.components import Checker
from bot.chat.errors import Form, Json, refusal, well_formed
from bot.chat.model import Flag

if TYPE_CHECKING:
    from bot.chat.state import Upload

MAX_CONTENT: Final = 2000
_EMBED_LIMITS: Final = {"title": 256, "description": 4096}
_EMBED_TOTAL: Final = 6000
_SETTABLE: Final = (
    Flag.SUPPRESS_EMBEDS | Flag.EPHEMERAL | Flag.SUPPRESS_NOTIFICATIONS | Flag.COMPONENTS_V2
)


@dataclass(frozen=True, slots=True)
class AllowedMentions:
    """Which mentions in a text really mention; by default all of them."""

    parse: frozenset[str] = frozenset({"users", "roles", "everyone"})
    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    replied_user: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as somebody wants it.

    Attributes:
        given: names of the fields that the body had; an edit changes only these.
        kept: ids of attachments that an edit keeps; None: all.
        reply_to: message id of a reply, with the channel if it was given.
        reply_required: whether a missing message is an error.
    """

    given: frozenset[str] = frozenset()
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    uploads: tuple[Upload, ...] = ()
    kept: frozenset[int] | None = None
    flags: Flag = Flag.NONE
    allowed: AllowedMentions = AllowedMentions()
    reply_to: int | None = None
    reply_channel: int | None = None
    reply_required: bool = True
    nonce: str | int | None = None
    tts: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to send."""
        return not (self.content.strip() or self.embeds or self.components or self.uploads)


def read_message(body: Json, files: dict[int, Upload], flags: Flag = Flag.NONE) -> Draft:
    """Check a body and its files.

    Args:
        body: the JSON body, or ``payload_json`` of a form.
        files: uploads by their number in the form.
        flags: flags that the message has already, for edits.

    Raises:
        ApiError: Invalid Form Body with every wrong field.
    """
    with well_formed():
        return _read(body, files, flags)


def _read(body: Json, files: dict[int, Upload], flags: Flag) -> Draft:
    form = Form()
    content = body.get("content") or ""
    form.length("content", content, 0, MAX_CONTENT)
    chosen = body.get("flags") or 0
    if not isinstance(chosen, int):
        form.wrong("flags", "NUMBER_TYPE_COERCE", "This is not a number.")
        chosen = 0
    flags |= Flag(chosen) & _SETTABLE
    embeds = _read_embeds(form, body)
    components = body.get("components") or []
    v2 = bool(flags & Flag.COMPONENTS_V2)
    Checker(form).message(components, v2=v2)
    if v2 and (content or embeds):
        code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
        form.wrong("content", code, "The 'content' field cannot be used with components V2")
    uploads, kept = _read_files(form, body, files)
    allowed = _read_allowed(form, body.get("allowed_mentions"))
    reference = body.get("message_reference") or {}
    form.done()
    return Draft(
        frozenset(body),
        content,
        embeds,
        components,
        uploads,
        kept,
        flags,
        allowed,
        _snowflake(reference.get("message_id")),
        _snowflake(reference.get("channel_id")),
        reference.get("fail_if_not_exists", True),
        body.get("nonce"),
        bool(body.get("tts")),
    )


def _snowflake(value: Any) -> int | None:
    return int(value) if value is not None and str(value).isdecimal() else None


def _read_files(
    form: Form, body: Json, files: dict[int, Upload]
) -> tuple[tuple[Upload, ...], frozenset[int] | None]:
    """Match the body's attachment list with the files of the form."""
    listed = body.get("attachments")
    if not isinstance(listed, list):
        chosen, kept = files, None
    else:
        chosen, ids = {}, set()
        for entry in listed:
            number = _snowflake(entry.get("id")) if isinstance(entry, dict) else None
            if number in files:
                file = files[number]
                name = entry.get("filename") or file.filename
                chosen[number] = type(file)(name, file.data, entry.get("description"))
            elif number is not None:
                ids.add(number)
        chosen |= {number: file for number, file in files.items() if number not in chosen}
        kept = frozenset(ids)
    if len(chosen) + len(kept or ()) > 10:
        form.wrong("attachments", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    return tuple(chosen[number] for number in sorted(chosen)), kept


def _read_embeds(form: Form, body: Json) -> list[Json]:
    embeds = body.get("embeds") or ([body["embed"]] if body.get("embed") else [])
    if not form.count("embeds", embeds, 0, 10):
        return []
    total = sum(_check_embed(form, f"embeds.{number}", each) for number, each in enumerate(embeds))
    if total > _EMBED_TOTAL:
        message = f"Embed size exceeds maximum size of {_EMBED_TOTAL}"
        form.wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", message)
    return [{"type": "rich"} | each for each in embeds if isinstance(each, dict)]


def _check_embed(form: Form, path: str, embed: Any) -> int:
    """Check one embed; give the number of characters that count towards the total."""
    if not isinstance(embed, dict):
        form.wrong(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return 0
    total = 0
    parts = [(f"{path}.{name}", embed.get(name), limit) for name, limit in _EMBED_LIMITS.items()]
    parts.append((f"{path}.footer.text", (embed.get("footer") or {}).get("text"), 2048))
    parts.append((f"{path}.author.name", (embed.get("author") or {}).get("name"), 256))
    fields = embed.get("fields") or []
    form.count(f"{path}.fields", fields, 0, 25)
    for number, each in enumerate(fields):
        for name, limit in (("name", 256), ("value", 1024)):
            form.length(f"{path}.fields.{number}.{name}", each.get(name), 1, limit)
            total += len(str(each.get(name) or ""))
    for place, text, limit in parts:
        if text is not None:
            form.length(place, text, 0, limit)
            total += len(str(text))
    return total


def _read_allowed(form: Form, data: Any) -> AllowedMentions:
    if data is None:
        return AllowedMentions()
    if not isinstance(data, dict):
        form.wrong("allowed_mentions", "MODEL_TYPE_CONVERT", "Only dictionaries may be used")
        return AllowedMentions()
    parse = frozenset(data.get("parse") or ())
    users = frozenset(int(each) for each in data.get("users") or ())
    roles = frozenset(int(each) for each in data.get("roles") or ())
    if users and "users" in parse:
        message = 'parse:["users"] and users: [ids...] are mutually exclusive.'
        form.wrong("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
    if len(users) > 100 or len(roles) > 100:
        form.wrong("allowed_mentions", "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
    return AllowedMentions(parse, users, roles, bool(data.get("replied_user", False)))


def parse_json(text: bytes | str) -> Json:
    """Read a JSON object.

    Raises:
        ApiError: 50109 when it is not JSON or not an object.
    """
    try:
        body = json.loads(text or b"{}")
    except (ValueError, RecursionError):
        raise refusal(50109) from None
    if not isinstance(body, dict):
        raise refusal(50109)
    return body

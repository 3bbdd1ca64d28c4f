"""Ask the local chat for one continuation, as a member would, and look at the reply."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.chat.driver import Driver
from bot.launch import local_chat, opened, serve

if TYPE_CHECKING:
    from bot.chat.model import Message
    from bot.settings import Settings

PATIENCE = 120.0
"""Seconds that the reply may take; a slow machine loads the model in the first ones."""


async def try_once(settings: Settings, text: str, stop: asyncio.Event) -> tuple[bool, str]:
    """Type one ``!continue`` in the local chat.

    Returns:
        Whether a whole tune came back, and what came back, as text.
    """
    async with local_chat(0) as server, opened(settings) as house:
        bot = house.bot(local=True)
        driver = Driver(server, patience=PATIENCE)
        serving = asyncio.create_task(serve(bot, server.token, stop), name="serving")
        asking = asyncio.create_task(_ask(driver, f"{settings.prefix}continue {text}"))
        try:
            await asyncio.wait({serving, asking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.set()
            await serving
        if not asking.done():
            asking.cancel()
            return False, "the bot stopped before it answered"
        try:
            reply = asking.result()
        except TimeoutError:
            return False, f"there was no reply within {PATIENCE:g} seconds"
    return describe(reply)


async def _ask(driver: Driver, text: str) -> Message:
    await driver.online()
    return await driver.reply(driver.say(text))


def describe(reply: Message) -> tuple[bool, str]:
    """Tell whether a reply is a whole tune, and write it down with its files."""
    lines = [reply.content]
    lines += [f"{file.filename}: {len(file.data):,} bytes" for file in reply.attachments]
    names = {file.filename for file in reply.attachments}
    return {"score.png", "nabi.ogg", "nabi.mid"} <= names, "\n".join(lines)

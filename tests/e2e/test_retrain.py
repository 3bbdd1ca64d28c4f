"""The whole program learns again: real processes, thirty tunes, from the command to the switch."""

from __future__ import annotations

import asyncio
import io
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bot.chat.driver import Driver
from bot.chat.server import ChatServer, point_discord_at
from bot.launch import opened, serve
from bot.settings import Settings
from tests.rooms import PATIENCE, soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.chat.model import Message

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ASKED = "!continue g8 e8 e4 f8 --bars 1 --seed 1"


def write_tunes(folder: Path, number: int = 30) -> None:
    """Write tunes of eight bars that wander up and down a scale, and a file that is none."""
    folder.mkdir(parents=True)
    chance = random.Random(3)
    for tune in range(number):
        step, bars = 3, []
        for _ in range(8):
            bar = []
            for _ in range(4):
                step = max(0, min(7, step + chance.choice((-2, -1, -1, 0, 1, 1, 2))))
                bar.append("CDEFGABc"[step])
            bars.append(" ".join(bar))
        lines = ("X:1", f"T:tune {tune}", "M:4/4", "L:1/4", "K:C", " | ".join(bars) + " |]")
        (folder / f"{tune}.abc").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "broken.mid").write_bytes(b"MThd nonsense")


@asynccontextmanager
async def whole_program(data: Path) -> AsyncIterator[ChatServer]:
    """Run the bot with its real engine, store and trainer in a chat."""
    settings = Settings(data=data, workers=1, cooldown=0)
    async with ChatServer(interaction_deadline=PATIENCE) as server, opened(settings) as house:
        with point_discord_at(server):
            bot = house.bot(local=True)
            stop = asyncio.Event()
            serving = asyncio.create_task(serve(bot, server.token, stop))
            await soon(lambda: bot.is_ready() or serving.done())
            try:
                yield server
            finally:
                stop.set()
                await serving


def answers_with(reply: Message) -> str:
    """Name the version in a reply's line that can be pasted back."""
    return reply.content.partition("--version ")[2].split("`")[0].strip()


async def test_an_administrator_retrains_and_the_new_version_answers(tmp_path: Path) -> None:
    write_tunes(tmp_path / "corpus" / "mine")
    async with whole_program(tmp_path) as server:
        boss = Driver(server, server.administrator, patience=600)
        member = Driver(server, patience=PATIENCE)
        for line in ("!retrain", "!models use nabi-2", "!models rollback"):
            await member.reply(member.say(line))
        refused = [each for each in member.seen if each.author is server.bot_user]
        assert len(refused) == 3
        assert await boss.reply(boss.say(ASKED))
        old = answers_with(boss.seen[-1])

        message = await boss.reply(
            boss.say("!retrain --collections corpus --epochs 3 --name thirty")
        )
        assert "`thirty`" in message.content
        await boss.until(lambda: message.attachments)
        picture = Image.open(io.BytesIO(message.attachment("curve.png").data))
        assert picture.size == (1000, 680)
        during = await boss.reply(boss.say(ASKED))
        assert during.attachments

        verdicts = ("answers from now on", "goes on answering", "이제부터", "계속 답해요")
        await boss.until(lambda: any(verdict in message.content for verdict in verdicts))
        assert "→" in message.content, message.content  # both figures: it did not fail
        if "!retrain promote thirty" in message.content:
            await boss.reply(boss.say("!retrain promote thirty"))
        # The workers load a version that training has chosen within seconds, not at once.
        answered = ""
        while answered != "thirty":
            answered = answers_with(await boss.reply(boss.say(ASKED)))

        listed = await member.reply(member.say("!models"))
        assert "**`thirty`**" in listed.content
        ids = [str(each.get("custom_id")) for each in message.walk_components()]
        wanted = next(each for each in ids if ":details:" in each)
        details = await boss.reply(boss.press(message, wanted))
        assert "broken.mid" in details.content
        assert details.visible_to is boss.user
        await boss.reply(boss.say("!models rollback"))
        assert answers_with(await boss.reply(boss.say(ASKED))) == old

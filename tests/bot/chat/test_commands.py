"""Registering commands, and to whom they are offered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands

from bot.chat.commands import valid_name
from bot.chat.errors import ApiError
from bot.chat.permissions import Permission

if TYPE_CHECKING:
    from bot.chat import ChatServer, Driver
    from tests.bot.chat.conftest import Bot


async def _nothing(interaction: discord.Interaction[Any]) -> None:
    await interaction.response.defer()


def command(name: str, **more: Any) -> app_commands.Command[Any, ..., Any]:
    return app_commands.Command(name=name, description="Do it", callback=_nothing, **more)


class Words(app_commands.Translator):
    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: object
    ) -> str | None:
        return (
            {"go": "가자", "Do it": "하기"}.get(string.message)
            if (locale is discord.Locale.korean)
            else None
        )


async def test_a_sync_keeps_ids_and_translations(bot: Bot, server: ChatServer) -> None:
    await bot.tree.set_translator(Words())
    bot.tree.add_command(command("go"))
    first = await bot.tree.sync()
    bot.tree.add_command(command("stop"))
    second = {each.name: each for each in await bot.tree.sync()}
    assert second["go"].id == first[0].id
    assert second["go"].name_localizations == {discord.Locale.korean: "가자"}
    assert second["go"].description_localizations == {discord.Locale.korean: "하기"}
    fetched = await bot.tree.fetch_commands()
    assert {each.name for each in fetched} == {"go", "stop"}
    assert (await bot.tree.fetch_command(first[0].id)).name == "go"
    bot.tree.clear_commands(guild=None)
    await bot.tree.sync()
    assert not server.state.commands
    with pytest.raises(discord.NotFound) as gone:
        await bot.tree.fetch_command(first[0].id)
    assert gone.value.code == 10063


async def test_single_commands_can_be_changed_and_removed(bot: Bot, server: ChatServer) -> None:
    bot.tree.add_command(command("go"))
    (registered,) = await bot.tree.sync()
    changed = await registered.edit(description="Do it now")
    assert changed.description == "Do it now"
    assert changed.id == registered.id
    await registered.delete()
    assert not server.state.commands


async def test_commands_of_a_guild_are_offered_there_alone(
    bot: Bot, server: ChatServer, driver: Driver
) -> None:
    other = server.add_guild("other", "general")
    guild = discord.Object(server.guild.id)
    bot.tree.add_command(command("here"), guild=guild)
    await bot.tree.sync(guild=guild)
    offered = server.commands.offered
    assert [each.name for each in offered(server.member, server.channel)] == ["here"]
    assert offered(server.member, other.channel("general")) == []
    assert offered(server.member, server.direct(server.member)) == []
    with pytest.raises(discord.HTTPException):
        await bot.tree.sync(guild=discord.Object(5))


async def test_commands_are_offered_to_those_who_may(
    bot: Bot, server: ChatServer, driver: Driver, admin: Driver
) -> None:
    restricted = command("retrain")
    restricted.default_permissions = discord.Permissions(manage_guild=True)
    closed = command("closed")
    closed.default_permissions = discord.Permissions(0)
    in_guilds = command("guilds", allowed_contexts=app_commands.AppCommandContext(guild=True))
    for each in (restricted, closed, in_guilds, command("all")):
        bot.tree.add_command(each)
    await bot.tree.sync()

    def names(driver: Driver, *, direct: bool = False) -> set[str]:
        channel = server.direct(driver.user) if direct else server.channel
        return {each.name for each in server.commands.offered(driver.user, channel)}

    assert names(driver) == {"guilds", "all"}
    assert names(admin) == {"retrain", "closed", "guilds", "all"}
    assert names(driver, direct=True) == {"retrain", "closed", "all"}
    with pytest.raises(ApiError, match="10063"):
        driver.slash("retrain")
    role = server.state.add_role(server.guild, "trainer", Permission.MANAGE_GUILD)
    server.guild.members[server.member.id].roles.append(role)
    assert "retrain" in names(driver)
    server.guild.everyone.permissions &= ~Permission.USE_APPLICATION_COMMANDS
    assert names(driver) == set()


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("continue", True), ("이어줘", True), ("go-on_2", True), ("ça", True), ("हिन्दी", True),
        ("Go", False), ("go on", False), ("", False), ("x" * 33, False), ("É", False),
    ],
)  # fmt: skip
def test_names_of_commands(*, name: str, valid: bool) -> None:
    assert valid_name(name) is valid


_CHOICES = [{"name": "x", "value": "x"}]


def option(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"type": 3, "name": name, "description": "d", **more}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Not Valid"}, "name"),
        ({"description": ""}, "description"),
        ({"description": "x" * 101}, "description"),
        ({"name_localizations": {"xx": "a"}}, "name_localizations"),
        ({"description_localizations": {"ko": "x" * 101}}, "description_localizations"),
        ({"options": [option(str(number)) for number in range(26)]}, "options"),
        ({"options": [option(), option()]}, "options"),
        ({"options": [option(), option("b", required=True)]}, "options"),
        ({"options": [option(choices=[{"name": "x", "value": ""}])]}, "options"),
        ({"options": [option(choices=[{"name": "x", "value": 1}], type=3)]}, "options"),
        (
            {"options": [option(autocomplete=True, choices=[{"name": "x", "value": "x"}])]},
            "options",
        ),
        ({"options": [option(type=12)]}, "options"),
        ({"type": 9}, "type"),
        ({"type": 3, "description": "has one"}, "description"),
    ],
)
async def test_wrong_commands_are_refused(
    server: ChatServer, change: dict[str, Any], field: str
) -> None:
    body = {"name": "go", "description": "Do it", "type": 1} | change
    with pytest.raises(ApiError) as refused:
        server.commands.replace_all(None, [body])
    assert refused.value.code == 50035
    assert refused.value.errors is not None
    assert list(refused.value.errors["0"]) == [field]
    assert not server.state.commands


async def test_equal_names_and_too_many_are_refused(server: ChatServer) -> None:
    body = {"name": "go", "description": "Do it"}
    with pytest.raises(ApiError):
        server.commands.replace_all(None, [body, body])
    many = [body | {"name": f"go{number}"} for number in range(101)]
    with pytest.raises(ApiError):
        server.commands.replace_all(None, many)
    assert len(server.commands.replace_all(None, many[:100])) == 100
    wrongs: tuple[Any, ...] = ({}, [1], "x")
    for wrong in wrongs:
        with pytest.raises(ApiError):
            server.commands.replace_all(None, wrong)

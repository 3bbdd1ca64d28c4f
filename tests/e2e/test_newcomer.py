"""The whole program in a real browser: what a newcomer sees, hears and presses."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from engine.codes import parse_codes
from engine.formats.midi import write_midi
from engine.formats.reading import read_file
from tests.e2e.browser import Browser
from tests.e2e.test_page import LOADED, PLAYED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.rooms import Room

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="package"),
]

COUNT = "return document.querySelectorAll('.picture img').length"
PICTURES = f"{COUNT} === arguments[0]"
DROP = """
    const bytes = Uint8Array.from(atob(arguments[0]), (each) => each.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], arguments[1]));
    const drop = new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true});
    document.getElementById("log").dispatchEvent(drop);
"""
FETCHED = """
    return fetch(arguments[0].href).then((answer) => answer.arrayBuffer())
        .then((bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))));
"""
LENGTH = "return [...document.querySelectorAll('audio')].pop().duration"


@pytest_asyncio.fixture(loop_scope="package")
async def browser(room: Room) -> AsyncIterator[Browser]:
    window = await Browser.open(patience=60)
    try:
        await window.visit(room.server.url)
        await window.see("online", ".presence")
        await window.find(".welcome, .message")  # what was said before is there, too
        yield window
        assert await window.problems() == []
    finally:
        await window.close()


async def midi(browser: Browser) -> bytes:
    link = await browser.find("a[download='nabi.mid']")
    return base64.b64decode(await browser.run(FETCHED, link))


async def test_type_a_tune_look_listen_download_and_ask_again(browser: Browser) -> None:
    before = await browser.run(COUNT)  # other tests were here, too
    await browser.type("#box", "!continue g8 e8 e4 f8\n")
    await browser.until(PICTURES, before + 1)
    assert await browser.until(LOADED) > 500
    await browser.see("g8 e8 e4", ".message pre")
    assert await browser.until(PLAYED)
    assert 5 < await browser.run(LENGTH) < 60
    first, _ = read_file(await midi(browser), "nabi.mid")
    assert str(first.key) == "C major"
    assert str(first.meter) in {"2/4", "4/4"}
    await browser.click(".button", "Again")
    await browser.until(PICTURES, before + 2)
    second, _ = read_file(await midi(browser), "nabi.mid")
    assert second.notes[:4] == first.notes[:4]
    assert second.notes != first.notes


async def test_drop_a_midi_file(browser: Browser) -> None:
    tune = parse_codes("d'8 c#'8 b8 a8 f#4 d4 e8 f#8 g8 a8 f#4 d4").melody
    data = base64.b64encode(write_midi(tune)).decode()
    before = await browser.run(COUNT)
    await browser.run(DROP, data, "춤.mid")
    await browser.see("춤.mid", ".tray")
    await browser.type("#box", "!continue --bars 4\n")
    await browser.until(PICTURES, before + 1)
    await browser.see("춤.mid", ".message .text")
    made, _ = read_file(await midi(browser), "nabi.mid")
    assert [note.pitch for note in made.notes[:12]] == [note.pitch for note in tune.notes]
    assert len(made.notes) > 12


async def test_a_member_is_refused_what_an_administrator_may(browser: Browser) -> None:
    await browser.type("#box", "!retrain status\n")
    await browser.see("have me learn again", ".message .text")
    await browser.click(".segments label", "Administrator")
    await browser.until("return document.querySelector('.segments .on').innerText.includes('Adm')")
    await browser.type("#box", "!retrain status\n")
    await browser.see("not learning anything", ".message .text")

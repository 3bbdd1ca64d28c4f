"""A headless Chromium for tests, driven from a thread so that the event loop stays free."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from typing import TYPE_CHECKING, Any, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from selenium.webdriver.remote.webelement import WebElement

_NAMES = ("chromium", "chromium-browser", "google-chrome")


class Browser:
    """One window. Every method is a coroutine that waits for what it needs.

    Elements are named by CSS selectors; the last one that fits is meant, as it is the newest.
    """

    def __init__(self, driver: Any, patience: float) -> None:
        self._driver = driver
        self.patience = patience

    @classmethod
    async def open(
        cls,
        width: int = 1280,
        height: int = 800,
        language: str = "en-US",
        *,
        patience: float = 60.0,
    ) -> Self:
        """Start the browser, or skip the test where there is none."""
        binary = next((found for name in _NAMES if (found := shutil.which(name))), None)
        service = shutil.which("chromedriver")
        if binary is None or service is None:
            pytest.skip("there is no Chromium with its driver here")
        driver = await asyncio.to_thread(_start, binary, service, (width, height), language)
        return cls(driver, patience)

    @classmethod
    async def phone(cls, language: str = "en-US") -> Self:
        """Start the browser as a phone with a touch screen, 390 by 844 pixels."""
        browser = await cls.open(500, 844, language)
        screen = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
        await browser.order("Emulation.setDeviceMetricsOverride", **screen)
        await browser.order("Emulation.setTouchEmulationEnabled", enabled=True)
        return browser

    async def order(self, command: str, **values: object) -> None:
        """Give an order of the DevTools protocol."""
        await asyncio.to_thread(self._driver.execute_cdp_cmd, command, values)

    async def hold(self, selector: str, opened: str) -> None:
        """Hold a finger on the middle of the last element that fits until something opens."""
        element = await self.find(selector)
        script = (
            "arguments[0].scrollIntoView({block: 'center'});"
            "const box = arguments[0].getBoundingClientRect();"
            "return {x: box.left + box.width / 2, y: box.top + box.height / 2};"
        )
        point = await self.run(script, element)
        await self.order("Input.dispatchTouchEvent", type="touchStart", touchPoints=[point])
        await self.find(opened)
        await self.order("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    async def close(self) -> None:
        """End the browser."""
        await asyncio.to_thread(self._driver.quit)

    async def visit(self, url: str) -> None:
        """Load a page."""
        await asyncio.to_thread(self._driver.get, url)

    async def run(self, script: str, *values: object) -> Any:
        """Run a script; it gives its result by ``return``, a promise is awaited."""
        return await asyncio.to_thread(self._driver.execute_script, script, *values)

    async def until(self, script: str, *values: object) -> Any:
        """Wait until a script gives something true."""
        return await asyncio.to_thread(
            self._wait, lambda: self._driver.execute_script(script, *values), script
        )

    async def see(self, text: str, where: str = "body") -> None:
        """Wait until a text is shown."""
        script = (
            "return [...document.querySelectorAll(arguments[0])]"
            ".some((each) => each.innerText.includes(arguments[1]))"
        )
        await self.until(script, where, text)

    async def find(self, selector: str, text: str = "") -> WebElement:
        """Wait for the last element that fits and holds a text."""
        return await asyncio.to_thread(self._wait, lambda: self._last(selector, text), selector)

    async def click(self, selector: str, text: str = "") -> None:
        """Click an element, brought into view first."""

        def click() -> bool:
            element = self._last(selector, text)
            if element is None:
                return False
            self._driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            element.click()
            return True

        await asyncio.to_thread(self._wait, click, selector)

    async def type(self, selector: str, text: str) -> None:
        """Type into an element; ``\\n`` is the Enter key."""

        def type_in() -> bool:
            element = self._last(selector, "")
            if element is None:
                return False
            element.send_keys(text)
            return True

        await asyncio.to_thread(self._wait, type_in, selector)

    async def problems(self) -> list[str]:
        """List what the browser complained of."""
        log = await asyncio.to_thread(self._driver.get_log, "browser")
        return [entry["message"] for entry in log if entry["level"] == "SEVERE"]

    async def picture(self, path: str) -> None:
        """Save a screenshot, to look at."""
        await asyncio.to_thread(self._driver.save_screenshot, path)

    def _last(self, selector: str, text: str) -> WebElement | None:
        found = self._driver.find_elements("css selector", selector)
        fitting = [each for each in found if not text or text in each.text]
        return fitting[-1] if fitting else None

    def _wait(self, condition: Callable[[], Any], what: str) -> Any:
        from selenium.common.exceptions import (  # noqa: PLC0415 # absent where tests are skipped
            ElementClickInterceptedException,
            ElementNotInteractableException,
            StaleElementReferenceException,
        )

        # The page drew it anew, or is about to show it, or something still lies over it.
        passing = (
            ElementClickInterceptedException,
            ElementNotInteractableException,
            StaleElementReferenceException,
        )
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            with contextlib.suppress(*passing):
                if result := condition():
                    return result
            time.sleep(0.05)
        raise AssertionError(f"waited {self.patience:g} s in vain for {what}")


def _start(binary: str, service: str, size: tuple[int, int], language: str) -> Any:
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--autoplay-policy=no-user-gesture-required",
        f"--window-size={size[0]},{size[1]}",
        f"--lang={language}",
    ):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(service))

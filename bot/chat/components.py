"""Rules for message components and modals, with Discord's limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.chat.errors import Form, Json

ROW: Final = 1
BUTTON: Final = 2
SELECT: Final = 3
TEXT_INPUT: Final = 4
SELECTS: Final = frozenset({3, 5, 6, 7, 8})
SECTION: Final = 9
TEXT: Final = 10
THUMBNAIL: Final = 11
GALLERY: Final = 12
FILE: Final = 13
SEPARATOR: Final = 14
CONTAINER: Final = 17
LABEL: Final = 18
UPLOAD: Final = 19
RADIO: Final = 21
CHECKBOXES: Final = 22
CHECKBOX: Final = 23

LINK_STYLE: Final = 5
_PREMIUM_STYLE: Final = 6
_URL: Final = re.compile(r"(https?|discord)://\S+", re.IGNORECASE)
_V2_TOP: Final = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER})
_IN_CONTAINER: Final = _V2_TOP - {CONTAINER}
_IN_LABEL: Final = SELECTS | {TEXT_INPUT, UPLOAD, RADIO, CHECKBOXES, CHECKBOX}


class Checker:
    """Checks one message's or modal's components and gives each its numeric id."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.custom_ids: set[str] = set()
        self.values: set[str] = set()
        self.total = 0
        self.text = 0

    def message(self, components: Any, *, v2: bool) -> None:
        """Check the components of a message."""
        if not self.form.count("components", components, 0, 40 if v2 else 5):
            return
        allowed = _V2_TOP if v2 else frozenset({ROW})
        for number, component in enumerate(components):
            self.check(f"components.{number}", component, allowed)
        if self.total > 40:
            self.form.wrong("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "At most 40")
        if self.text > 4000:
            self.form.wrong(
                "components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "At most 4000"
            )

    def modal(self, modal: Any) -> None:
        """Check a modal with its title and custom id."""
        if not isinstance(modal, dict):
            self.form.wrong("data", "BASE_TYPE_REQUIRED", "This field is required")
            return
        self.form.length("data.title", modal.get("title"), 1, 45)
        self.form.length("data.custom_id", modal.get("custom_id"), 1, 100)
        components = modal.get("components")
        if self.form.count("data.components", components, 1, 5):
            assert isinstance(components, list)
            for number, component in enumerate(components):
                path = f"data.components.{number}"
                self.check(path, component, frozenset({ROW, TEXT, LABEL}), inputs=True)

    def check(
        self, path: str, component: Any, allowed: frozenset[int], *, inputs: bool = False
    ) -> None:
        """Check one component and what it holds."""
        kind = component.get("type") if isinstance(component, dict) else None
        if kind not in allowed:
            message = f'Value of field "type" must be one of {tuple(sorted(allowed))}.'
            self.form.wrong(f"{path}.type", "UNION_TYPE_CHOICES", message)
            return
        self.total += 1
        component["id"] = component.get("id") or self.total
        if kind == ROW:
            self._row(path, component, inputs=inputs)
        elif kind in SELECTS:
            self._select(path, component)
        else:
            check = self._checks().get(kind)
            if check is not None:
                check(path, component)

    def _checks(self) -> dict[int, Callable[[str, Json], None]]:
        return {
            BUTTON: self._button,
            TEXT_INPUT: self._text_input,
            SECTION: self._section,
            TEXT: self._text,
            GALLERY: self._gallery,
            CONTAINER: self._container,
            LABEL: self._label,
            UPLOAD: self._custom_id,
            RADIO: self._options,
            CHECKBOXES: self._options,
            CHECKBOX: self._custom_id,
        }

    def _row(self, path: str, row: Json, *, inputs: bool) -> None:
        children = row.get("components")
        if not self.form.count(f"{path}.components", children, 1, 5):
            return
        assert isinstance(children, list)
        first = children[0].get("type") if children and isinstance(children[0], dict) else None
        if inputs:
            allowed = frozenset({TEXT_INPUT})
        else:
            allowed = frozenset({BUTTON}) if first == BUTTON else SELECTS | {BUTTON}
        for number, child in enumerate(children):
            self.check(f"{path}.components.{number}", child, allowed)
            if inputs and isinstance(child, dict):
                self.form.length(f"{path}.components.{number}.label", child.get("label"), 1, 45)
        if first != BUTTON and len(children) > 1:
            message = "The specified component exceeds the maximum width"
            self.form.wrong(path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)

    def _custom_id(self, path: str, component: Json) -> None:
        custom_id = component.get("custom_id")
        self.form.length(f"{path}.custom_id", custom_id, 1, 100)
        if isinstance(custom_id, str):
            if custom_id in self.custom_ids:
                message = "Component custom id cannot be duplicated"
                self.form.wrong(f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
            self.custom_ids.add(custom_id)

    def _button(self, path: str, button: Json) -> None:
        style = button.get("style")
        if not isinstance(style, int) or not 1 <= style <= _PREMIUM_STYLE:
            self.form.wrong(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of (1 to 6).")
            return
        if style == _PREMIUM_STYLE:
            return
        if style == LINK_STYLE:
            url = button.get("url")
            self.form.length(f"{path}.url", url, 1, 512)
            if isinstance(url, str) and not _URL.fullmatch(url):
                self.form.wrong(f"{path}.url", "URL_TYPE_INVALID_SCHEME", "Scheme must be http(s).")
            if button.get("custom_id"):
                message = "A custom id and url cannot both be specified"
                self.form.wrong(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
        else:
            self._custom_id(path, button)
        if button.get("label") is not None:
            self.form.length(f"{path}.label", button["label"], 0, 80)
        if not button.get("label") and not button.get("emoji"):
            message = "A button must have a label or emoji"
            self.form.wrong(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", message)

    def _select(self, path: str, select: Json) -> None:
        self._custom_id(path, select)
        if select.get("placeholder") is not None:
            self.form.length(f"{path}.placeholder", select["placeholder"], 0, 150)
        low, high = select.get("min_values", 1), select.get("max_values", 1)
        self.form.number(f"{path}.min_values", low, 0, 25)
        self.form.number(f"{path}.max_values", high, 1, 25)
        if low > high:
            self.form.number(f"{path}.max_values", high, low, 25)
        if select["type"] == SELECT:
            self._options(path, select)
        else:
            self._default_values(path, select, high)

    def _default_values(self, path: str, select: Json, high: int) -> None:
        """Check what a menu of users, roles or channels has chosen already."""
        chosen = select.get("default_values") or []
        kinds = {5: {"user"}, 6: {"role"}, 7: {"user", "role"}, 8: {"channel"}}[select["type"]]
        self.form.count(f"{path}.default_values", chosen, 0, high)
        for number, each in enumerate(chosen):
            if each.get("type") not in kinds or not str(each.get("id")).isdecimal():
                message = f"Value must be one of {sorted(kinds)}."
                self.form.wrong(f"{path}.default_values.{number}", "BASE_TYPE_CHOICES", message)

    def _options(self, path: str, component: Json) -> None:
        if component["type"] != SELECT:
            self._custom_id(path, component)
        options = component.get("options")
        most = 25 if component["type"] == SELECT else 10
        high = 1 if component["type"] == RADIO else component.get("max_values") or 1
        if not self.form.count(f"{path}.options", options, high, most):
            return
        assert isinstance(options, list)
        if sum(bool(each.get("default")) for each in options) > high:
            message = f"Must have at most {high} default options."
            code = "SELECT_COMPONENT_TOO_MANY_DEFAULT_OPTIONS"
            self.form.wrong(f"{path}.options", code, message)
        values = set()
        for number, option in enumerate(options):
            here = f"{path}.options.{number}"
            self.form.length(f"{here}.label", option.get("label"), 1, 100)
            self.form.length(f"{here}.value", option.get("value"), 1, 100)
            if option.get("description") is not None:
                self.form.length(f"{here}.description", option["description"], 0, 100)
            if option.get("value") in values:
                message = "The specified option value is already used"
                self.form.wrong(
                    f"{here}.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message
                )
            values.add(option.get("value"))

    def _text_input(self, path: str, component: Json) -> None:
        self._custom_id(path, component)
        if component.get("style") not in (1, 2):
            self.form.wrong(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")
        low, high = component.get("min_length"), component.get("max_length")
        if low is not None:
            self.form.number(f"{path}.min_length", low, 0, 4000)
        if high is not None:
            self.form.number(f"{path}.max_length", high, max(1, low or 0), 4000)
        if component.get("placeholder") is not None:
            self.form.length(f"{path}.placeholder", component["placeholder"], 0, 100)
        if component.get("value") is not None:
            self.form.length(f"{path}.value", component["value"], 0, high or 4000)

    def _section(self, path: str, component: Json) -> None:
        texts = component.get("components")
        if self.form.count(f"{path}.components", texts, 1, 3):
            assert isinstance(texts, list)
            for number, text in enumerate(texts):
                self.check(f"{path}.components.{number}", text, frozenset({TEXT}))
        self.check(f"{path}.accessory", component.get("accessory"), frozenset({BUTTON, THUMBNAIL}))

    def _text(self, path: str, component: Json) -> None:
        content = component.get("content")
        self.form.length(f"{path}.content", content, 1, 4000)
        self.text += len(content) if isinstance(content, str) else 0

    def _gallery(self, path: str, component: Json) -> None:
        self.form.count(f"{path}.items", component.get("items"), 1, 10)

    def _container(self, path: str, component: Json) -> None:
        children = component.get("components")
        if self.form.count(f"{path}.components", children, 1, 40):
            assert isinstance(children, list)
            for number, child in enumerate(children):
                self.check(f"{path}.components.{number}", child, _IN_CONTAINER)

    def _label(self, path: str, component: Json) -> None:
        self.form.length(f"{path}.label", component.get("label"), 1, 45)
        if component.get("description") is not None:
            self.form.length(f"{path}.description", component["description"], 0, 100)
        self.check(f"{path}.component", component.get("component"), _IN_LABEL)

// Autocompletion: while one types, the bot proposes values.

import { h } from "./dom.js";
import { t } from "./i18n.js";
import { act } from "./store.js";

const WAIT = 220; // milliseconds of silence before the bot is asked

// `others()` gives what the other options hold so far.
export function completing(input, option, command, others) {
  const id = `${input.id}-list`;
  const rows = h("div", { class: "completions", id, role: "listbox", hidden: true });
  let found = [];
  let marked = -1;
  let asked = 0;
  let timer = 0;
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", id], ["aria-expanded", "false"]]) input.setAttribute(name, value);

  const close = () => {
    rows.hidden = true;
    marked = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (choice) => {
    input.value = choice.name;
    input.choice = choice;
    close();
  };
  // over what stands below, or above the field where the keyboard leaves no room below
  const place = () => {
    if (rows.hidden) return;
    const box = input.getBoundingClientRect();
    const low = visualViewport ? visualViewport.offsetTop + visualViewport.height : innerHeight;
    const width = Math.min(Math.max(box.width, 220), innerWidth - 16);
    const below = low - box.bottom - 12;
    const above = box.top - 12;
    const up = below < 140 && above > below;
    rows.style.width = `${width}px`;
    rows.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
    rows.style.maxHeight = `${Math.max(90, Math.min(264, up ? above : below))}px`;
    rows.style.top = `${up ? Math.max(4, box.top - rows.offsetHeight - 4) : box.bottom + 4}px`;
  };
  // the form scrolls under the list
  const follow = new AbortController();
  const watch = () => {
    if (!input.isConnected) return follow.abort();
    return place();
  };
  document.addEventListener("scroll", watch, { capture: true, signal: follow.signal });
  addEventListener("resize", watch, { signal: follow.signal });
  visualViewport?.addEventListener("resize", watch, { signal: follow.signal });
  const draw = () => {
    rows.replaceChildren(...(found.length ? found.map((each, number) => h("div", { class: number === marked ? "command marked" : "command", role: "option", id: `${id}-${number}`, "aria-selected": String(number === marked), onmousedown: (event) => event.preventDefault(), onclick: () => choose(each) }, each.name)) : [h("div", { class: "dim none" }, t("nothingFound"))]));
    rows.hidden = false;
    input.setAttribute("aria-expanded", "true");
    if (marked >= 0) input.setAttribute("aria-activedescendant", `${id}-${marked}`);
    place();
    rows.children[Math.max(0, marked)]?.scrollIntoView({ block: "nearest" });
  };
  const ask = async () => {
    const mine = (asked += 1);
    try {
      const answer = await act("complete", { name: command, focused: option.name, options: { ...others(), [option.name]: input.value } });
      if (mine !== asked || document.activeElement !== input) return; // an older answer, or one that is not wanted any more
      found = answer;
    } catch {
      found = [];
    }
    marked = -1;
    draw();
  };
  input.addEventListener("focus", ask);
  input.addEventListener("blur", close);
  input.addEventListener("input", () => { input.choice = null; clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  input.addEventListener("keydown", (event) => {
    if (rows.hidden || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (found.length) marked = (marked + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
      draw();
    } else if (event.key === "Enter" && marked >= 0) choose(found[marked]);
    else if (event.key === "Escape") { event.stopPropagation(); close(); }
    else return;
    event.preventDefault();
  });
  return rows;
}

// The value behind what stands in the field: that of a chosen proposal, or what was typed.
export function completed(input) {
  return input.choice && input.choice.name === input.value ? input.choice.value : input.value;
}

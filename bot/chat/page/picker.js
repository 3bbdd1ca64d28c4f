// Select menus under a message: a button that opens a list, with search where it is long.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { closeMenu, openMenu } from "./menu.js";
import { channel, channelName, guildOf, nameOf, store } from "./store.js";

const STRING = 3, USER = 5, ROLE = 6, MENTIONABLE = 7, CHANNEL = 8, LONG = 10;

function people() {
  const where = channel();
  const guild = guildOf(where);
  const ids = guild ? guild.members : [store.me.id, ...(where?.recipients ?? []).map((each) => each.id)];
  return ids.map((id) => store.users.get(id)).filter(Boolean).map((each) => ({ value: each.id, label: nameOf(each), description: `@${each.username}` }));
}

// What a menu of a kind offers here; slash options and modals ask, too.
export function selectOptions(part) {
  const guild = guildOf(channel());
  const roles = () => (guild?.roles ?? []).map((each) => ({ value: each.id, label: each.name }));
  const fits = (each) => !part.channel_types?.length || part.channel_types.includes(each.type);
  switch (part.type) {
    case STRING: return part.options ?? [];
    case USER: return people();
    case ROLE: return roles();
    case MENTIONABLE: return [...people(), ...roles()];
    case CHANNEL: return (guild?.channels ?? []).filter(fits).map((each) => ({ value: each.id, label: `#${channelName(each)}` }));
    default: return [];
  }
}

export function chosenAtFirst(part, options) {
  const given = new Set((part.default_values ?? []).map((each) => each.id));
  return options.filter((each) => each.default || given.has(each.value)).map((each) => each.value);
}

function optionRow(each, chosen, full, choose) {
  const on = chosen.includes(each.value);
  return h("button", { type: "button", role: "option", class: "option", "aria-selected": String(on), disabled: full && !on, data: { value: each.value }, onclick: () => choose(each.value) },
    each.emoji?.name && h("span", { class: "emoji", "aria-hidden": "true" }, each.emoji.name),
    h("span", { class: "option-text" }, h("span", {}, each.label), each.description && h("small", { class: "dim" }, each.description)),
    h("span", { class: on ? "tick on" : "tick", "aria-hidden": "true" }, on ? icon("check") : null));
}

// `send(values, elements)` is called with what was chosen.
export function picker(part, send) {
  const options = selectOptions(part);
  const low = part.min_values ?? 1, most = part.max_values ?? 1;
  const high = Math.max(1, Math.min(most, options.length));
  const many = most > 1 || low === 0;
  const placeholder = part.placeholder || t("choose");
  let chosen = chosenAtFirst(part, options);
  const words = h("span", { class: "select-words" });
  const opener = h("button", { type: "button", class: "select", "aria-haspopup": "listbox", "aria-expanded": "false", disabled: part.disabled ?? false, data: { customId: part.custom_id } }, words, icon("down"));
  const show = () => {
    const labels = chosen.map((value) => options.find((each) => each.value === value)?.label ?? "?");
    words.textContent = labels.join(", ") || placeholder;
    words.classList.toggle("dim", !labels.length);
    opener.setAttribute("aria-label", labels.length ? `${placeholder}: ${labels.join(", ")}` : placeholder);
  };
  opener.addEventListener("click", () => {
    const menu = list({ options, chosen, low, high, many, placeholder }, (values) => {
      chosen = values;
      closeMenu(true);
      show();
      send(values, [opener]);
    });
    openMenu(opener, menu, { role: null });
    menu.style.minWidth = `${Math.min(opener.offsetWidth, innerWidth - 16)}px`;
  });
  show();
  return opener;
}

function list({ options, chosen, low, high, many, placeholder }, finish) {
  let marked = [...chosen];
  const rows = h("div", { class: "options", role: "listbox", "aria-label": placeholder, "aria-multiselectable": many ? "true" : null });
  const search = options.length > LONG ? h("input", { type: "search", class: "search", placeholder: t("search"), "aria-label": t("search"), autocomplete: "off", oninput: () => draw() }) : null;
  const count = h("span", { class: "dim" });
  const done = h("button", { type: "button", class: "button primary", onclick: () => finish(marked) }, t("done"));
  const choose = (value) => {
    if (!many) return finish([value]);
    if (marked.includes(value)) marked = marked.filter((each) => each !== value);
    else marked = high === 1 ? [value] : [...marked, value];
    draw();
    return rows.querySelector(`[data-value="${CSS.escape(value)}"]`)?.focus();
  };
  const draw = () => {
    const typed = search?.value.trim().toLowerCase() ?? "";
    const found = options.filter((each) => `${each.label} ${each.description ?? ""}`.toLowerCase().includes(typed));
    const full = high > 1 && marked.length >= high;
    rows.replaceChildren(...(found.length ? found.map((each) => optionRow(each, marked, full, choose)) : [h("div", { class: "dim none" }, t("nothingFound"))]));
    count.textContent = t("chosen", { count: marked.length, most: high });
    done.disabled = marked.length < low || marked.length > high;
  };
  draw();
  return h("div", { class: "menu list" }, h("div", { class: "sheet-title" }, placeholder), search, rows,
    many && h("div", { class: "list-end" }, count, done));
}

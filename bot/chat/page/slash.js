// Slash commands: a list while typing "/", then a form with typed options.

import { h, icon, toast } from "./dom.js";
import { localised, t } from "./i18n.js";
import { selectOptions } from "./components.js";
import { act, attempt, explain, on, store } from "./store.js";

const SUBCOMMAND = 1, GROUP = 2, STRING = 3, INTEGER = 4, BOOLEAN = 5, NUMBER = 10, ATTACHMENT = 11;
const SELECT_KINDS = { 6: 5, 8: 6, 7: 8, 9: 7 }; // option type -> kind of select menu
let box = null;
let panel = null;
let choices = [];
let marked = 0;

// Commands with their subcommands, each a thing that can be run.
function runnable() {
  const found = [];
  const walk = (command, name, thing) => {
    const below = (thing.options ?? []).filter((each) => each.type === SUBCOMMAND || each.type === GROUP);
    if (!below.length) found.push({ command, name, thing });
    for (const each of below) walk(command, `${name} ${each.name}`, each);
  };
  for (const each of store.commands.filter((command) => command.type === 1)) walk(each, each.name, each);
  return found;
}

export function suggest(textarea, element) {
  box = textarea;
  panel = element;
  const match = /^\/([^\n]*)$/.exec(box.value);
  if (!match) return closeCommands();
  const typed = match[1].trim().toLowerCase();
  const first = typed.split(" ")[0];
  choices = runnable().filter((each) => each.name.startsWith(typed) || each.name === first || localised(each.thing, "name").startsWith(typed));
  marked = 0;
  return drawList();
}

function drawList() {
  const rows = choices.map((each, number) => h("button", {
    type: "button", role: "option", id: `command-${number}`, class: number === marked ? "command marked" : "command", "aria-selected": String(number === marked), onclick: () => openForm(each),
  }, h("b", {}, `/${each.name}`), h("span", { class: "dim" }, localised(each.thing, "description"))));
  panel.replaceChildren(h("div", { class: "command-list", role: "listbox", "aria-label": t("apps") }, rows.length ? rows : h("div", { class: "dim none" }, t("noCommands"))));
  panel.hidden = false;
  box.setAttribute("aria-activedescendant", rows.length ? `command-${marked}` : "");
  panel.querySelector(".marked")?.scrollIntoView({ block: "nearest" });
}

export function closeCommands() {
  if (!panel) return;
  panel.hidden = true;
  panel.replaceChildren();
  choices = [];
  box.removeAttribute("aria-activedescendant");
}

// Keys while the list is open; tells whether the key was taken.
export function commandKey(event) {
  if (!panel || panel.hidden || !choices.length) return false;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    marked = (marked + (event.key === "ArrowDown" ? 1 : -1) + choices.length) % choices.length;
    drawList();
  } else if (event.key === "Enter" || event.key === "Tab") openForm(choices[marked]);
  else if (event.key === "Escape") closeCommands();
  else return false;
  event.preventDefault();
  return true;
}

function openForm({ name, thing }) {
  const options = thing.options ?? [];
  const typed = box.value.slice(1 + name.length).trim();
  choices = [];
  if (!options.length) {
    run(name, {}, []);
    return;
  }
  const long = options.find((each) => each.type === STRING && !each.choices?.length && !each.autocomplete);
  const fields = options.map((each) => field(each, name, each === long));
  fields.sort((one, other) => other.rank - one.rank); // what matters most stands first
  const firstText = fields.find((each) => each.option.type === STRING);
  if (typed && box.value.startsWith(`/${name} `) && firstText) firstText.input.value = typed;
  const form = h("form", { class: "command-form", "aria-label": `/${name}` },
    h("div", { class: "command-title" }, h("b", {}, `/${name}`), h("span", { class: "dim" }, localised(thing, "description")),
      h("button", { type: "button", class: "round small", "aria-label": t("cancel"), onclick: cancel }, icon("close"))),
    h("div", { class: "command-fields" }, fields.map((each) => each.element)),
    h("div", { class: "command-end" }, h("button", { type: "submit", class: "button primary" }, t("run"))));
  const submit = (event) => {
    event.preventDefault();
    if (!form.reportValidity()) return;
    const files = [];
    const values = {};
    for (const each of fields) {
      const value = each.value(files);
      if (value !== null) values[each.option.name] = value;
    }
    run(name, values, files);
  };
  form.addEventListener("submit", submit);
  form.addEventListener("keydown", (event) => event.key === "Escape" && cancel());
  panel.replaceChildren(form);
  panel.hidden = false;
  fields[0].input.focus();
}

function cancel() {
  closeCommands();
  box.value = "";
  box.dispatchEvent(new Event("input"));
  box.focus();
}

async function run(name, options, files) {
  if (await attempt("slash", { name, options }, files)) cancel();
}

function field(option, commandName, wide) {
  const id = `option-${option.name}`;
  const note = h("small", { class: "dim" }, localised(option, "description"));
  const input = control(option, id, commandName);
  const label = h("label", { for: id }, localised(option, "name"), option.required && h("span", { class: "must", title: t("required") }, " *"));
  return { option, input, rank: (option.required ? 2 : 0) + (wide ? 1 : 0), element: h("div", { class: wide ? "field-box wide" : "field-box" }, label, input, note), value: (files) => valueOf(option, input, files) };
}

function valueOf(option, input, files) {
  if (option.type === ATTACHMENT) {
    if (!input.files.length) return null;
    files.push(input.files[0]);
    return { file: files.length - 1 };
  }
  if (input.value === "") return null;
  if (option.type === BOOLEAN) return input.value === "true";
  return option.type === INTEGER || option.type === NUMBER ? Number(input.value) : input.value;
}

function control(option, id, commandName) {
  const shared = { id, required: Boolean(option.required) };
  const menu = (list) => h("select", shared, h("option", { value: "" }, option.required ? t("choose") : "–"), list.map((each) => h("option", { value: String(each.value) }, each.label)));
  if (option.choices?.length) return menu(option.choices.map((each) => ({ value: each.value, label: localised(each, "name") })));
  if (option.type === BOOLEAN) return menu([{ value: "true", label: t("yes") }, { value: "false", label: t("no") }]);
  if (option.type in SELECT_KINDS) return menu(selectOptions({ type: SELECT_KINDS[option.type] }));
  if (option.type === ATTACHMENT) return h("input", { ...shared, type: "file" });
  if (option.type === INTEGER || option.type === NUMBER) {
    const step = option.type === INTEGER ? "1" : "any";
    return h("input", { ...shared, type: "number", step, min: option.min_value === undefined ? null : String(option.min_value), max: option.max_value === undefined ? null : String(option.max_value), inputmode: "decimal" });
  }
  const input = h("input", { ...shared, type: "text", autocomplete: "off", spellcheck: "false", maxlength: String(option.max_length ?? 6000), minlength: option.min_length ? String(option.min_length) : null });
  return option.autocomplete ? completing(input, option, commandName) : input;
}

// The bot proposes values while one types.
function completing(input, option, name) {
  const list = h("datalist", { id: `list-${option.name}` });
  input.setAttribute("list", list.id);
  document.getElementById("commands").append(list);
  let timer = 0;
  const ask = async () => {
    try {
      const found = await act("complete", { name, focused: option.name, options: { [option.name]: input.value } });
      list.replaceChildren(...found.map((each) => h("option", { value: String(each.value), label: each.name })));
      if (!list.isConnected) input.after(list);
    } catch (error) {
      toast(explain(error));
    }
  };
  input.addEventListener("focus", ask);
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 250); });
  return input;
}

on("commands", () => panel && !panel.hidden && !panel.querySelector("form") && suggest(box, panel));

// Slash commands: a list while typing "/", then a form with typed options.

import { h, icon, toast } from "./dom.js";
import { localised, t } from "./i18n.js";
import { completed, completing } from "./complete.js";
import { fileField } from "./files.js";
import { selectOptions } from "./picker.js";
import { act, explain, on, problems, store } from "./store.js";

const SUBCOMMAND = 1, GROUP = 2, STRING = 3, INTEGER = 4, BOOLEAN = 5, NUMBER = 10, ATTACHMENT = 11;
const SELECT_KINDS = { 6: 5, 8: 6, 7: 8, 9: 7 }; // option type -> kind of select menu
let box = null;
let panel = null;
let choices = [];
let marked = 0;

// What those hear who do not see the list.
function told() {
  box.setAttribute("aria-expanded", String(choices.length > 0));
  if (choices.length) box.setAttribute("aria-activedescendant", `command-${marked}`);
  else box.removeAttribute("aria-activedescendant");
}

// Commands with their subcommands, each a thing that can be run.
function runnable() {
  const found = [];
  const walk = (name, label, thing) => {
    const below = (thing.options ?? []).filter((each) => each.type === SUBCOMMAND || each.type === GROUP);
    if (!below.length) found.push({ name, label, thing });
    for (const each of below) walk(`${name} ${each.name}`, `${label} ${localised(each, "name")}`, each);
  };
  for (const each of store.commands.filter((command) => command.type === 1)) walk(each.name, localised(each, "name"), each);
  return found.sort((one, other) => one.label.localeCompare(other.label));
}

export function suggest(textarea, element) {
  box = textarea;
  panel = element;
  const match = /^\/([^\n]*)$/.exec(box.value);
  if (!match) return closeCommands();
  const typed = match[1].trimStart().toLowerCase();
  const fits = (name) => name.startsWith(typed.trimEnd()) || typed.startsWith(`${name} `);
  const all = runnable();
  choices = all.filter((each) => fits(each.name) || fits(each.label));
  // who does not know the name may know a word of what it does
  if (!choices.length) choices = all.filter((each) => `${each.label} ${localised(each.thing, "description")}`.toLowerCase().includes(typed.trimEnd()));
  marked = 0;
  return drawList();
}

function drawList() {
  const rows = choices.map((each, number) => h("button", {
    type: "button", role: "option", id: `command-${number}`, class: number === marked ? "command marked" : "command", "aria-selected": String(number === marked), onclick: () => openForm(each),
  }, h("b", {}, `/${each.label}`), h("span", { class: "dim" }, localised(each.thing, "description"))));
  panel.replaceChildren(h("div", { class: "command-list", id: "command-list", role: "listbox", "aria-label": t("apps") }, rows.length ? rows : h("div", { class: "dim none" }, t(store.commands.some((each) => each.type === 1) ? "noCommands" : "noneHere"))));
  panel.hidden = false;
  told();
  panel.querySelector(".marked")?.scrollIntoView({ block: "nearest" });
}

export function closeCommands() {
  if (!panel) return;
  panel.hidden = true;
  panel.replaceChildren();
  choices = [];
  told();
}

// Send what stands in an open form; tells whether there is one.
export function submitForm() {
  const form = panel?.hidden ? null : panel?.querySelector("form");
  form?.requestSubmit();
  return Boolean(form);
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

// What was typed after the command's name goes into the first text option.
function typedAfter({ name, label }) {
  const start = [label, name].find((each) => box.value.toLowerCase().startsWith(`/${each} `));
  return start ? box.value.slice(start.length + 2).trim() : "";
}

// In a line that was copied the option may be named, as in "/continue melody:g8 e8".
function withoutName(typed, option) {
  const name = [option.name, localised(option, "name")].find((each) => typed.startsWith(`${each}:`));
  return name ? typed.slice(name.length + 1).trim() : typed;
}

function openForm(choice) {
  const { name, label, thing } = choice;
  const options = thing.options ?? [];
  const typed = typedAfter(choice);
  choices = [];
  const long = options.find((each) => each.type === STRING && !each.choices?.length && !each.autocomplete);
  const fields = [];
  const collect = (files, valid = false) => Object.fromEntries(fields.filter((each) => !valid || each.input.checkValidity()).map((each) => [each.option.name, each.value(files)]).filter(([, value]) => value !== null));
  for (const each of options) fields.push(field(each, each === long, (input) => completing(input, each, name, () => collect([], true))));
  if (!options.length) {
    run(name, {}, [], fields);
    return;
  }
  fields.sort((one, other) => other.rank - one.rank); // what matters most stands first
  const firstText = fields.find((each) => each.option.type === STRING);
  if (typed && firstText && firstText.input.tagName === "INPUT") firstText.input.value = withoutName(typed, firstText.option);
  const form = h("form", { class: "command-form", "aria-label": `/${label}`, novalidate: false },
    h("div", { class: "command-title" }, h("b", {}, `/${label}`), h("span", { class: "dim" }, localised(thing, "description")),
      h("button", { type: "button", class: "round small", "aria-label": t("cancel"), onclick: cancel }, icon("close"))),
    h("div", { class: "command-fields" }, fields.map((each) => each.element)),
    h("div", { class: "command-end" }, h("button", { type: "submit", class: "button primary" }, t("run"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.reportValidity()) return;
    const files = [];
    run(name, collect(files), files, fields);
  });
  form.addEventListener("keydown", (event) => event.key === "Escape" && cancel());
  panel.replaceChildren(form);
  panel.hidden = false;
  told();
  box.value = `/${label}`;
  fields[0].input.focus();
}

function cancel() {
  closeCommands();
  box.value = "";
  box.dispatchEvent(new Event("input"));
  box.focus();
}

async function run(name, options, files, fields) {
  try {
    await act("slash", { name, options }, files);
    cancel();
  } catch (error) {
    const wrong = problems(error.errors);
    for (const each of fields) each.tell(wrong.get(each.option.name) ?? "");
    const first = fields.find((each) => wrong.has(each.option.name));
    if (first) first.input.focus();
    else toast(explain(error));
  }
}

function field(option, wide, complete) {
  const id = `option-${option.name}`;
  const made = control(option, id);
  const input = made.input ?? made;
  const note = h("small", { class: "dim", id: `${id}-note` }, localised(option, "description"));
  const problem = h("small", { class: "must", role: "alert", hidden: true });
  input.setAttribute("aria-describedby", note.id);
  const label = h("label", { for: id }, localised(option, "name"), option.required && h("span", { class: "must", title: t("required") }, " *"));
  const completions = option.autocomplete ? complete(input) : null;
  const tell = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
  };
  return { option, input, tell, rank: (option.required ? 2 : 0) + (wide ? 1 : 0), element: h("div", { class: wide ? "field-box wide" : "field-box" }, label, made.element ?? made, completions, problem, note), value: (files) => valueOf(option, input, files) };
}

function valueOf(option, input, files) {
  if (option.type === ATTACHMENT) {
    if (!input.files.length) return null;
    files.push(input.files[0]);
    return { file: files.length - 1 };
  }
  if (input.value === "") return null;
  if (option.type === BOOLEAN) return input.value === "true";
  const value = completed(input);
  const number = option.type === INTEGER || option.type === NUMBER;
  return number && value.toString().trim() !== "" && !Number.isNaN(Number(value)) ? Number(value) : value;
}

// What a number may be, in sight before it is refused.
function range({ min_value: low, max_value: high }) {
  if (low === undefined || high === undefined || high > 1e6) return null; // as good as any
  return `${low} – ${high}`;
}

function control(option, id) {
  const shared = { id, required: Boolean(option.required) };
  const menu = (list) => h("select", shared, h("option", { value: "" }, option.required ? t("choose") : "–"), list.map((each) => h("option", { value: String(each.value) }, each.label)));
  if (option.choices?.length) return menu(option.choices.map((each) => ({ value: each.value, label: localised(each, "name") })));
  if (option.type === BOOLEAN) return menu([{ value: "true", label: t("yes") }, { value: "false", label: t("no") }]);
  if (option.type in SELECT_KINDS) return menu(selectOptions({ type: SELECT_KINDS[option.type], channel_types: option.channel_types }));
  if (option.type === ATTACHMENT) return fileField(shared);
  const number = option.type === INTEGER || option.type === NUMBER;
  if (number && !option.autocomplete) {
    const step = option.type === INTEGER ? "1" : "any";
    return h("input", { ...shared, type: "number", step, min: option.min_value === undefined ? null : String(option.min_value), max: option.max_value === undefined ? null : String(option.max_value), placeholder: range(option), inputmode: "decimal" });
  }
  return h("input", { ...shared, type: "text", autocomplete: "off", spellcheck: "false", inputmode: number ? "decimal" : null, maxlength: String(option.max_length ?? 6000), minlength: option.min_length ? String(option.min_length) : null });
}

on("commands", () => panel && !panel.hidden && !panel.querySelector("form") && suggest(box, panel));

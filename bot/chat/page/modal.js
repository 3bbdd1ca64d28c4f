// Modals: forms with which the bot asks for more, and small questions of the page's own.

import { h, toast } from "./dom.js";
import { fileField } from "./files.js";
import { t } from "./i18n.js";
import { markdown } from "./markdown.js";
import { chosenAtFirst, selectOptions } from "./picker.js";
import { act, explain, problems } from "./store.js";

const ROW = 1, TEXT_INPUT = 4, TEXT = 10, LABEL = 18, UPLOAD = 19, RADIO = 21, BOXES = 22, CHECKBOX = 23;
let number = 0;

function labelled(label, description, control, required, note) {
  const group = control.classList.contains("boxes");
  const words = [h("span", { class: "modal-label" }, label, required && h("span", { class: "must", title: t("required") }, " *")), description && h("small", { class: "dim" }, description)];
  return h(group ? "fieldset" : "label", { class: "modal-field" }, group ? h("legend", {}, words) : words, control, note);
}

function textInput(part) {
  const most = part.max_length ?? 4000;
  const shared = { required: part.required ?? true, minlength: part.min_length ? String(part.min_length) : null, maxlength: String(most), placeholder: part.placeholder ?? null };
  const input = part.style === 2 ? h("textarea", { ...shared, rows: "5" }) : h("input", { ...shared, type: "text", autocomplete: "off" });
  input.value = part.value ?? "";
  return { element: input, value: () => input.value };
}

function boxes(part, type) {
  const inputs = part.options.map((each) => h("input", { type, name: part.custom_id, value: each.value, checked: Boolean(each.default) }));
  const element = h("span", { class: "boxes" }, part.options.map((each, place) => h("label", {}, inputs[place], h("span", {}, each.label, each.description && h("small", { class: "dim" }, ` ${each.description}`)))));
  const values = () => inputs.filter((each) => each.checked).map((each) => each.value);
  return { element, value: type === "radio" ? () => values()[0] ?? null : values };
}

function menu(part) {
  const many = (part.max_values ?? 1) > 1;
  const options = selectOptions(part);
  const chosen = chosenAtFirst(part, options);
  // several from a list: boxes, which a finger can press
  if (many) return boxes({ ...part, options: options.map((each) => ({ ...each, default: chosen.includes(each.value) })) }, "checkbox");
  const input = h("select", { required: part.required ?? true }, h("option", { value: "" }, part.placeholder ?? t("choose")),
    options.map((each) => h("option", { value: each.value, selected: chosen.includes(each.value) }, `${each.emoji?.name ?? ""} ${each.label}`.trim())));
  return { element: input, value: () => [...input.selectedOptions].map((each) => each.value).filter(Boolean) };
}

function control(part) {
  if (part.type === TEXT_INPUT) return textInput(part);
  if (part.type === RADIO) return boxes(part, "radio");
  if (part.type === BOXES) return boxes(part, "checkbox");
  if (part.type === CHECKBOX) {
    const input = h("input", { type: "checkbox", checked: Boolean(part.default) });
    return { element: input, value: () => input.checked };
  }
  if (part.type === UPLOAD) {
    const { input, element } = fileField({ multiple: (part.max_values ?? 1) > 1, required: (part.min_values ?? 1) > 0 && part.required !== false });
    return { element, input, value: (files) => [...input.files].map((file) => ({ file: files.push(file) - 1 })) };
  }
  return menu(part);
}

// A dialog with a form; `submit` tells whether it may close.
export function dialogOf(title, fields, buttons, submit) {
  const form = h("form", { method: "dialog" }, h("h2", {}, title), fields, h("div", { class: "modal-end" }, buttons));
  const dialog = h("dialog", { class: "modal", "aria-label": title }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await submit()) dialog.close("done");
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function endButtons() {
  return [h("button", { type: "button", class: "button secondary", onclick: (event) => event.target.closest("dialog").close() }, t("cancel")), h("button", { type: "submit", class: "button primary" }, t("submit"))];
}

export function openModal({ interaction, channel_id, modal }) {
  const controls = new Map();
  const add = (part, label, description) => {
    const made = control(part);
    number += 1;
    made.note = h("small", { class: "must", id: `problem-${number}`, role: "alert", hidden: true });
    (made.input ?? made.element).setAttribute("aria-describedby", made.note.id);
    controls.set(part.custom_id, made);
    return labelled(label, description, made.element, part.type !== CHECKBOX && (part.required ?? true), made.note);
  };
  const fields = modal.components.map((part) => {
    if (part.type === ROW) return part.components.map((each) => add(each, each.label));
    if (part.type === LABEL) return add(part.component, part.label, part.description);
    return part.type === TEXT ? h("div", { class: "text" }, markdown(part.content)) : null;
  });
  const tell = (error) => {
    const wrong = problems(error.errors);
    for (const [name, each] of controls) {
      each.note.textContent = wrong.get(name) ?? "";
      each.note.hidden = !wrong.has(name);
      wrong.delete(name);
    }
    if (wrong.size || !error.errors) toast(explain(error));
  };
  dialogOf(modal.title, fields, endButtons(), async () => {
    const files = [];
    const values = Object.fromEntries([...controls].map(([name, each]) => [name, each.value(files)]));
    try {
      await act("submit", { channel: channel_id, interaction, values }, files);
      return true;
    } catch (error) {
      tell(error);
      return false;
    }
  });
}

// Ask for one line of text; gives null when it is cancelled.
export function ask({ title, label, value = "", most, required = true }) {
  return new Promise((answer) => {
    const input = h("input", { type: "text", maxlength: String(most), required, autocomplete: "off" });
    input.value = value;
    const dialog = dialogOf(title, labelled(label, null, input, required), endButtons(), () => true);
    dialog.addEventListener("close", () => answer(dialog.returnValue === "done" ? input.value.trim() : null));
  });
}

// Modals: forms with which the bot asks for more.

import { h } from "./dom.js";
import { selectOptions } from "./components.js";
import { t } from "./i18n.js";
import { markdown } from "./markdown.js";
import { attempt } from "./store.js";

const ROW = 1, TEXT_INPUT = 4, TEXT = 10, LABEL = 18, UPLOAD = 19, RADIO = 21, BOXES = 22, CHECKBOX = 23;

function labelled(label, description, control, required) {
  return h("label", { class: "modal-field" }, h("span", { class: "modal-label" }, label, required && h("span", { class: "must" }, " *")), description && h("small", { class: "dim" }, description), control);
}

function textInput(part) {
  const shared = { required: part.required ?? true, minlength: part.min_length ? String(part.min_length) : null, maxlength: String(part.max_length ?? 4000), placeholder: part.placeholder ?? null };
  const input = part.style === 2 ? h("textarea", { ...shared, rows: "5" }) : h("input", { ...shared, type: "text", autocomplete: "off" });
  input.value = part.value ?? "";
  return { element: input, value: () => input.value };
}

function boxes(part, type) {
  const inputs = part.options.map((each) => h("input", { type, name: part.custom_id, value: each.value, checked: Boolean(each.default) }));
  const element = h("span", { class: "boxes" }, part.options.map((each, number) => h("label", {}, inputs[number], " ", each.label, each.description && h("small", { class: "dim" }, ` ${each.description}`))));
  const values = () => inputs.filter((each) => each.checked).map((each) => each.value);
  return { element, value: type === "radio" ? () => values()[0] ?? null : values };
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
    const input = h("input", { type: "file", multiple: (part.max_values ?? 1) > 1, required: (part.min_values ?? 1) > 0 && part.required !== false });
    return { element: input, value: (files) => [...input.files].map((file) => ({ file: files.push(file) - 1 })) };
  }
  const many = (part.max_values ?? 1) > 1;
  const input = h("select", { multiple: many, required: part.required ?? true }, many ? null : h("option", { value: "" }, part.placeholder ?? t("choose")),
    selectOptions(part).map((each) => h("option", { value: each.value, selected: Boolean(each.default) }, each.label)));
  return { element: input, value: () => [...input.selectedOptions].map((each) => each.value).filter(Boolean) };
}

export function openModal({ interaction, channel_id, modal }) {
  const controls = new Map();
  const add = (part, label, description) => {
    const made = control(part);
    controls.set(part.custom_id, made);
    return labelled(label, description, made.element, part.required ?? true);
  };
  const fields = modal.components.map((part) => {
    if (part.type === ROW) return part.components.map((each) => add(each, each.label));
    if (part.type === LABEL) return add(part.component, part.label, part.description);
    return part.type === TEXT ? h("div", { class: "text" }, markdown(part.content)) : null;
  });
  const form = h("form", { method: "dialog" }, h("h2", {}, modal.title), fields,
    h("div", { class: "modal-end" }, h("button", { type: "button", class: "button secondary", onclick: () => dialog.close() }, t("cancel")), h("button", { type: "submit", class: "button primary" }, t("submit"))));
  const dialog = h("dialog", { class: "modal", "aria-label": modal.title }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [];
    const values = Object.fromEntries([...controls].map(([name, each]) => [name, each.value(files)]));
    if (await attempt("submit", { channel: channel_id, interaction, values }, files)) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

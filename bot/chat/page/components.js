// Buttons, menus and layouts under a message.

import { h, ownAddress } from "./dom.js";
import { attachment } from "./files.js";
import { image, stripe } from "./embeds.js";
import { markdown } from "./markdown.js";
import { picker } from "./picker.js";
import { attempt } from "./store.js";

const STYLES = ["", "primary", "secondary", "success", "danger", "link", "link"];
const waiting = new Map(); // interaction id -> elements that wait for its answer
const early = new Set();   // answers that came before their interaction's id

async function use(message, custom_id, values, elements) {
  for (const each of elements) each.classList.add("waiting");
  const started = await attempt("use", { channel: message.channel_id, message: message.id, custom_id, ...(values ? { values } : {}) });
  if (started && !early.delete(started.interaction)) waiting.set(started.interaction, elements);
  else settle(elements);
}

function settle(elements) {
  for (const each of elements) each.classList.remove("waiting");
}

export function settled(id) {
  if (!waiting.has(id)) early.add(id);
  settle(waiting.get(id) ?? []);
  waiting.delete(id);
}

function emojiOf(part) {
  return part.emoji?.name ? h("span", { class: "emoji", "aria-hidden": part.label ? "true" : null }, part.emoji.name) : null;
}

function button(part, message) {
  const style = STYLES[part.style] ?? "secondary";
  if (part.style === 5) return h("a", { class: "button link", href: part.url, target: "_blank", rel: "noopener noreferrer nofollow" }, emojiOf(part), part.label, " ↗");
  const element = h("button", { type: "button", class: `button ${style}`, disabled: part.disabled ?? false, data: { customId: part.custom_id ?? "" } }, emojiOf(part), part.label);
  element.addEventListener("click", () => use(message, part.custom_id, null, [element]));
  return element;
}

function fileOf(part, message) {
  const address = ownAddress(part.file?.url);
  const known = message.attachments.find((each) => ownAddress(each.url) === address);
  return known ? attachment(known) : null;
}

export function component(part, message) {
  const inner = () => (part.components ?? []).map((each) => component(each, message));
  switch (part.type) {
    case 1: return h("div", { class: "row" }, inner());
    case 2: return button(part, message);
    case 3: case 5: case 6: case 7: case 8: return picker(part, (values, elements) => use(message, part.custom_id, values, elements));
    case 9: return h("div", { class: "section" }, h("div", { class: "section-text" }, inner()), part.accessory && component(part.accessory, message));
    case 10: return h("div", { class: "text" }, markdown(part.content));
    case 11: return image(part.media?.url, "thumb");
    case 12: return h("div", { class: "gallery" }, part.items.map((each) => image(each.media?.url, "embed-image")));
    case 13: return fileOf(part, message);
    case 14: return h("hr", { class: part.divider === false ? "blank" : "" });
    case 17: return stripe(h("div", { class: "embed container" }, inner()), part.accent_color);
    default: return null;
  }
}

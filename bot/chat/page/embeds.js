// Embeds and the display components of the second version.

import { h, ownAddress } from "./dom.js";
import { enlarge } from "./files.js";
import { moment, t } from "./i18n.js";
import { markdown } from "./markdown.js";

function colour(value) {
  return `#${Number(value).toString(16).padStart(6, "0")}`;
}

// Pictures from elsewhere are not loaded; nothing leaves this machine unasked.
export function image(url, className) {
  const address = ownAddress(url);
  if (!address) return null;
  const name = decodeURIComponent(address.split("?")[0].split("/").pop());
  return h("button", { type: "button", class: className, title: t("openImage"), onclick: () => enlarge(address, name) },
    h("img", { src: address, alt: t("picture", { name }) }));
}

function maybeLink(text, url) {
  return /^https?:\/\//.test(url ?? "") ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, text) : text;
}

export function embed(each) {
  const box = h("article", { class: "embed" },
    each.thumbnail && image(each.thumbnail.url, "thumb"),
    each.author?.name && h("div", { class: "embed-author" }, maybeLink(each.author.name, each.author.url)),
    each.title && h("div", { class: "embed-title" }, maybeLink(each.title, each.url)),
    each.description && h("div", { class: "text" }, markdown(each.description)),
    each.fields?.length && h("div", { class: "fields" }, each.fields.map((field) =>
      h("div", { class: field.inline ? "field inline" : "field" }, h("div", { class: "field-name" }, field.name), h("div", { class: "text" }, markdown(field.value))))),
    each.image && image(each.image.url, "embed-image"),
    (each.footer?.text || each.timestamp) && h("div", { class: "embed-foot" }, [each.footer?.text, each.timestamp && moment(new Date(each.timestamp), "f")].filter(Boolean).join(" · ")));
  if (each.color) box.style.setProperty("--stripe", colour(each.color));
  return box;
}

export function stripe(element, value) {
  if (value) element.style.setProperty("--stripe", colour(value));
  return element;
}

// Attachments: pictures that can be enlarged, players, files to download.

import { h, icon, ownAddress } from "./dom.js";
import { t } from "./i18n.js";

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

/** The name as its owner gave it; what Discord calls the file name has lost all but plain letters. */
export function fileName(file) {
  const dot = file.filename.lastIndexOf(".");
  return file.title ? file.title + (dot > 0 ? file.filename.slice(dot) : "") : file.filename;
}

export function enlarge(address, name) {
  const scale = h("button", { type: "button", onclick: () => whole(!view.classList.contains("whole-size")) }, t("wholeSize"));
  const view = h("div", { class: "lightbox-view", tabindex: "0" }, h("img", { src: address, alt: t("picture", { name }) }));
  // in its own size it can be moved about; what was pressed stays in sight
  const whole = (on, at = { x: 0.5, y: 0 }) => {
    view.classList.toggle("whole-size", on);
    scale.textContent = t(on ? "fitSize" : "wholeSize");
    view.scrollTo(view.scrollWidth * at.x - view.clientWidth / 2, view.scrollHeight * at.y - view.clientHeight / 2);
  };
  const dialog = h("dialog", { class: "lightbox", "aria-label": t("picture", { name }) },
    view,
    h("div", { class: "lightbox-bar" }, scale,
      h("a", { href: `${address}&download=1`, download: name }, t("download")),
      h("button", { type: "button", onclick: () => dialog.close() }, t("close"))));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) return dialog.close();
    if (event.target.tagName !== "IMG") return undefined;
    const box = event.target.getBoundingClientRect();
    return whole(!view.classList.contains("whole-size"), { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height });
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function downloadLink(file, address) {
  return h("a", { class: "round", href: `${address}&download=1`, download: fileName(file), title: t("download"), "aria-label": `${t("download")}: ${fileName(file)}` }, icon("download"));
}

function picture(file, address) {
  const image = h("img", { src: address, alt: file.description ?? t("picture", { name: fileName(file) }), width: String(file.width ?? ""), height: String(file.height ?? "") });
  return h("figure", { class: "picture" },
    h("button", { type: "button", title: t("openImage"), "aria-label": `${t("openImage")}: ${fileName(file)}`, onclick: () => enlarge(address, fileName(file)) }, image));
}

function player(file, address) {
  return h("div", { class: "card audio" },
    h("div", { class: "card-head" }, icon("note"), h("span", { class: "card-name" }, fileName(file)), h("span", { class: "dim" }, size(file.size)), downloadLink(file, address)),
    h("audio", { controls: true, preload: "metadata", src: address, "aria-label": t("audio", { name: fileName(file) }) }));
}

function card(file, address) {
  const music = /audio\/midi|xml/.test(file.content_type ?? "");
  return h("div", { class: "card" },
    h("div", { class: "card-head" }, icon(music ? "note" : "file"), h("span", { class: "card-name" }, fileName(file)), h("span", { class: "dim" }, size(file.size)), downloadLink(file, address)));
}

export function attachment(file) {
  const address = ownAddress(file.url);
  if (!address) return null;
  const kind = file.content_type ?? "";
  if (/^image\/(png|jpeg|gif|webp)/.test(kind)) return picture(file, address);
  if (/^audio\/(ogg|mpeg|x-wav|flac|mp4)/.test(kind)) return player(file, address);
  return card(file, address);
}

// A field for files in the page's own words; the browser's would be in another language.
export function fileField(properties) {
  const input = h("input", { ...properties, type: "file" });
  const words = h("span");
  const show = () => {
    const names = [...input.files].map((each) => each.name).join(", ");
    words.textContent = names || t(input.multiple ? "chooseFiles" : "chooseFile");
    words.classList.toggle("dim", !names);
  };
  input.addEventListener("change", show);
  show();
  return { input, element: h("div", { class: "upload" }, icon("file"), words, input) };
}

// Where messages are written: text, files, reply, and the door to slash commands.

import { h, icon, toast } from "./dom.js";
import { t } from "./i18n.js";
import { ask } from "./modal.js";
import { attempt, channel, channelName, nameOf, on, store } from "./store.js";
import { closeCommands, commandKey, submitForm, suggest } from "./slash.js";

const MAX_FILES = 10, MAX_TEXT = 2000;
const root = document.getElementById("composer");
let files = [];
let replyTo = null;
let lastTyping = 0;
let sending = false;

const box = h("textarea", { id: "box", rows: "1", autocomplete: "off", spellcheck: "false", enterkeyhint: "send", role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": "command-list", "aria-expanded": "false" });
const picker = h("input", { type: "file", multiple: true, class: "hidden", tabindex: "-1", "aria-hidden": "true" });
const attach = h("button", { type: "button", class: "round" }, icon("plus"));
const send = h("button", { type: "button", class: "round send" }, icon("send"));
const count = h("span", { class: "count", "aria-live": "polite" });
const reply = h("div", { class: "reply-bar", hidden: true });
const tray = h("div", { class: "tray", hidden: true });
const panel = h("div", { id: "commands", hidden: true });

// Who has a keyboard can write at once; on a phone it would cover half of the page.
function focusBox() {
  if (matchMedia("(hover: hover)").matches && document.activeElement === document.body) box.focus();
}

// What is typed while nothing in particular has the focus is meant for the writing line.
function catchTyping(event) {
  const nowhere = event.target === document.body || event.target.matches?.("#log, .message");
  if (!nowhere || event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!document.querySelector("dialog[open], .menu")) box.focus();
}

function grow() {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 220)}px`;
  count.textContent = box.value.length > MAX_TEXT - 200 ? String(MAX_TEXT - box.value.length) : "";
  count.classList.toggle("over", box.value.length > MAX_TEXT);
  send.disabled = sending || (!box.value.trim() && !files.length);
}

function drawReply() {
  reply.hidden = !replyTo;
  if (replyTo) reply.replaceChildren(h("span", {}, t("replyingTo", { name: nameOf(replyTo.author) })), h("button", { type: "button", class: "round small", "aria-label": t("cancel"), onclick: () => setReply(null) }, icon("close")));
}

function setReply(message) {
  replyTo = message;
  drawReply();
  if (message) box.focus();
}

export function addFiles(list) {
  for (const file of list) {
    const most = channel()?.upload_limit ?? 0;
    if (file.size > most) toast(t("tooBig", { name: file.name, limit: Math.floor(most / 1048576) }));
    else if (files.length >= MAX_FILES) return toast(t("tooMany"));
    else files.push({ file, description: "" });
  }
  drawTray();
  box.focus();
  return undefined;
}

function drawTray() {
  tray.hidden = !files.length;
  tray.replaceChildren(...files.map((each, number) => h("div", { class: "chip" }, icon("file"), h("span", {}, each.file.name),
    h("button", { type: "button", class: each.description ? "alt on" : "alt", "aria-pressed": String(Boolean(each.description)), "aria-label": t("describe", { name: each.file.name }), title: each.description || t("describe", { name: each.file.name }), onclick: () => describe(each) }, "ALT"),
    h("button", { type: "button", class: "round small", "aria-label": `${t("remove")}: ${each.file.name}`, onclick: () => { files.splice(number, 1); drawTray(); } }, icon("close")))));
  grow();
}

async function describe(each) {
  const text = await ask({ title: t("describe", { name: each.file.name }), label: t("altText"), value: each.description, most: 1024, required: false });
  if (text === null) return;
  each.description = text;
  drawTray();
  box.focus();
}

// "@Nabi" as people type it becomes a mention as the bot reads it.
function withMentions(text) {
  let result = text;
  for (const user of store.users.values()) {
    for (const name of new Set([user.username, nameOf(user)])) result = result.replaceAll(new RegExp(`(^|\\s)@${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}_])`, "giu"), `$1<@${user.id}>`);
  }
  return result;
}

async function submit() {
  if (submitForm()) return;
  if (sending || (!box.value.trim() && !files.length)) return;
  sending = true;
  grow();
  const sent = await attempt("say", { content: withMentions(box.value.trim()), descriptions: Object.fromEntries(files.map((each, number) => [number, each.description]).filter(([, text]) => text)), ...(replyTo ? { reply_to: replyTo.id } : {}) }, files.map((each) => each.file));
  sending = false;
  if (sent) {
    box.value = "";
    files = [];
    setReply(null);
    drawTray();
    closeCommands();
  }
  grow();
  box.focus();
}

function typing() {
  if (!box.value.trim() || box.value.startsWith("/") || Date.now() - lastTyping < 8000) return;
  lastTyping = Date.now();
  attempt("typing", {});
}

function words() {
  const where = channel();
  box.placeholder = t("write", { channel: where?.type === 1 ? `@${channelName(where)}` : `#${channelName(where)}` });
  box.setAttribute("aria-label", box.placeholder);
  for (const [button, key] of [[attach, "attach"], [send, "send"]]) {
    button.title = t(key);
    button.setAttribute("aria-label", t(key));
  }
  drawReply();
}

function dropping() {
  const main = document.getElementById("main");
  const veil = h("div", { class: "veil", hidden: true });
  main.append(veil);
  let depth = 0;
  const shown = (on) => {
    veil.hidden = !on;
    veil.textContent = t("dropHere");
  };
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragenter", (event) => hasFiles(event) && (depth += 1, shown(true)));
  addEventListener("dragleave", (event) => hasFiles(event) && (depth -= 1, shown(depth > 0)));
  addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    shown(false);
    addFiles(event.dataTransfer.files);
  });
}

export function start() {
  root.append(panel, reply, tray, h("div", { class: "bar" }, attach, picker, box, count, send));
  attach.addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => { addFiles(picker.files); picker.value = ""; });
  send.addEventListener("click", submit);
  box.addEventListener("input", () => { grow(); typing(); suggest(box, panel); });
  box.addEventListener("paste", (event) => event.clipboardData?.files.length && (event.preventDefault(), addFiles(event.clipboardData.files)));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || commandKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && replyTo) setReply(null);
  });
  document.addEventListener("keydown", catchTyping);
  addEventListener("resize", grow);
  on("ready", focusBox);
  on("reply", setReply);
  on("fill", (text) => { box.value = text; grow(); box.focus(); suggest(box, panel); });
  on("deleted", ({ id }) => replyTo?.id === id && setReply(null));
  on("channel", () => { setReply(null); closeCommands(); words(); });
  on("language", words);
  dropping();
  words();
  grow();
}

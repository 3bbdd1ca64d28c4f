// A subset of Discord's markdown, turned into elements. Everything else stays text.

import { h } from "./dom.js";
import { moment, relative, t } from "./i18n.js";
import { channelName, emit, nameOf, store } from "./store.js";

const INLINE = [
  [/^\\([*_~`|\\<>#@-])/, (m) => m[1]],
  [/^(`{1,2})([\s\S]*?[^`])\1(?!`)/, (m) => h("code", {}, whole(m[2]))],
  [/^<@!?(\d+)>/, (m) => mention(store.users.get(m[1]))],
  [/^<@&(\d+)>/, (m) => pill(store.roles.get(m[1])?.name)],
  [/^<#(\d+)>/, (m) => pill(store.channels.has(m[1]) ? `#${channelName(store.channels.get(m[1]))}` : null)],
  [/^<\/([^:>]+):\d+>/, (m) => h("button", { type: "button", class: "pill", onclick: () => emit("fill", `/${m[1]}`) }, `/${m[1]}`)],
  [/^<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, (m) => time(Number(m[1]), m[2])],
  [/^<(https?:\/\/[^\s<>]+)>/, (m) => link(m[1], m[1])],
  [/^\[([^\]\n]+)\]\(<?(https?:\/\/[^\s<>)]+)>?\)/, (m) => link(m[2], inline(m[1]))],
  [/^https?:\/\/[^\s<>]*[^\s<>.,:;"')\]]/, (m) => link(m[0], m[0])],
  [/^\*\*\*([\s\S]+?)\*\*\*/, (m) => h("strong", {}, h("em", {}, inline(m[1])))],
  [/^\*\*([\s\S]+?)\*\*(?!\*)/, (m) => h("strong", {}, inline(m[1]))],
  [/^__([\s\S]+?)__(?!_)/, (m) => h("u", {}, inline(m[1]))],
  [/^~~([\s\S]+?)~~/, (m) => h("s", {}, inline(m[1]))],
  [/^\|\|([\s\S]+?)\|\|/, (m) => spoiler(m[1])],
  [/^\*(?!\s)([^*\n]+?)\*(?!\*)/, (m) => h("em", {}, inline(m[1]))],
  [/^_(?!\s)([^_\n]+?)_(?![\w_])/, (m) => h("em", {}, inline(m[1]))],
];

// A line may break before an option such as --bars, never inside its dashes.
function whole(text) {
  return text.split(/(--[\w-]+)/).map((each) => (each.startsWith("--") ? h("span", { class: "whole" }, each) : each));
}

function pill(text) {
  return h("span", { class: "pill" }, text ?? "?");
}

function mention(user) {
  const mine = user && user.id === store.me?.id;
  return h("span", { class: mine ? "pill mine" : "pill" }, `@${user ? nameOf(user) : "?"}`);
}

// Discord's address of a message; those that are here are shown here.
const MESSAGE = /^https:\/\/discord\.com\/channels\/(?:\d+|@me)\/(\d+)\/(\d+)$/;

function link(url, text) {
  const [, place, message] = MESSAGE.exec(url) ?? [];
  if (store.channels.has(place)) {
    const words = `#${channelName(store.channels.get(place))} › 💬`;
    return h("button", { type: "button", class: "pill jump-link", title: url, onclick: () => emit("goto", { place, message }) }, words);
  }
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, text);
}

function time(seconds, style) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return String(seconds);
  const text = style === "R" ? relative(seconds) : moment(date, style ?? "f");
  const data = style === "R" ? { relative: String(seconds) } : {};
  return h("time", { datetime: date.toISOString(), title: moment(date, "F"), data }, text);
}

function spoiler(text) {
  const reveal = (event) => event.currentTarget.classList.add("shown");
  return h("button", { class: "spoiler", type: "button", onclick: reveal }, inline(text));
}

function inline(text) {
  const nodes = [];
  let plain = "";
  let rest = text;
  let before = "";
  while (rest) {
    const wordInside = /\w$/.test(before) && /^[_]/.test(rest);
    let found = null;
    for (const [pattern, build] of INLINE) {
      const match = pattern.exec(rest);
      if (match && !(wordInside && match[0].startsWith("_"))) {
        found = [match[0], build(match)];
        break;
      }
    }
    const taken = found ? found[0] : String.fromCodePoint(rest.codePointAt(0));
    if (found) {
      if (plain) nodes.push(plain);
      plain = "";
      nodes.push(found[1]);
    } else plain += taken;
    before = taken;
    rest = rest.slice(taken.length);
  }
  if (plain) nodes.push(plain);
  return nodes.flat();
}

const FENCE = /^```(?:([\w+-]{1,20})\n)?([\s\S]*?)```\n?/;

// A block of code, which can be copied with one press.
function code(text) {
  const copy = h("button", { type: "button", class: "copy", onclick: async () => {
    await navigator.clipboard?.writeText(text);
    copy.textContent = t("copied");
    setTimeout(() => { copy.textContent = t("copyCode"); }, 1500);
  } }, t("copyCode"));
  return h("div", { class: "code" }, h("pre", { tabindex: "0" }, h("code", {}, text)), copy);
}

export function markdown(text) {
  const nodes = [];
  let rest = text;
  while (rest) {
    const fence = FENCE.exec(rest);
    if (fence && fence[2].trim()) {
      nodes.push(code(fence[2].replace(/^\n|\n$/g, "")));
      rest = rest.slice(fence[0].length);
      continue;
    }
    const next = rest.indexOf("```", fence ? 3 : 1);
    const part = next < 0 ? rest : rest.slice(0, next);
    nodes.push(...blocks(part));
    rest = rest.slice(part.length);
  }
  return nodes;
}

// The words without marks, in one line, as a quoted message shows them.
export function plainText(text) {
  const words = markdown(text.replace(/```[\w+-]*\n?/g, " "));
  const written = (each) => (each.tagName === "BR" ? " " : each.tagName === "DIV" || each.tagName === "BLOCKQUOTE" ? ` ${each.textContent} ` : each.textContent ?? each);
  return words.map(written).join("").replace(/\s+/g, " ").trim();
}

// Lines: headings, small print, quotes, list items, ordinary text.
function blocks(text) {
  const nodes = [];
  const lines = text.split("\n");
  let lineOpen = false;
  lines.forEach((line, number) => {
    const block = blockOf(line);
    if (block) {
      nodes.push(block);
      lineOpen = false;
      return;
    }
    if (lineOpen) nodes.push(h("br"));
    nodes.push(...inline(line));
    lineOpen = number < lines.length - 1 || line !== "";
  });
  return nodes;
}

function blockOf(line) {
  let match;
  if ((match = /^(#{1,3}) (.+)/.exec(line))) return h("div", { class: `heading h${match[1].length}`, role: "heading", "aria-level": String(match[1].length + 2) }, inline(match[2]));
  if ((match = /^-# (.+)/.exec(line))) return h("div", { class: "small" }, inline(match[1]));
  if ((match = /^> (.*)/.exec(line))) return h("blockquote", {}, inline(match[1]));
  if ((match = /^( *)[-*] (.+)/.exec(line))) return h("div", { class: match[1] ? "item deep" : "item" }, inline(match[2]));
  return null;
}

setInterval(() => {
  for (const each of document.querySelectorAll("time[data-relative]")) each.textContent = relative(Number(each.dataset.relative));
}, 5000);

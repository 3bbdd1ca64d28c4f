// One message: who, when, what, and what can be done with it.

import { h, icon } from "./dom.js";
import { component } from "./components.js";
import { embed } from "./embeds.js";
import { attachment } from "./files.js";
import { day, localised, moment, t } from "./i18n.js";
import { markdown } from "./markdown.js";
import { attempt, emit, nameOf, store } from "./store.js";

const EPHEMERAL = 64, LOADING = 128, V2 = 32768;
const EMOJI = ["👍", "❤️", "🎵", "😂", "👀", "🦋"];
const NEAR = 7 * 60 * 1000;

export function avatar(user, className = "avatar") {
  if (user.id === store.bot.id) return h("img", { class: className, src: "/page/nabi.svg", alt: "" });
  const letter = [...nameOf(user)][0]?.toUpperCase() ?? "?";
  const tone = Number(BigInt(user.id) % 5n);
  return h("span", { class: `${className} letter tone${tone}`, "aria-hidden": "true" }, letter);
}

// Messages of one person soon after each other stand together.
export function continues(message, before) {
  return before && before.author.id === message.author.id && !message.message_reference && !message.interaction_metadata
    && new Date(message.timestamp) - new Date(before.timestamp) < NEAR && message.flags === before.flags
    && day(new Date(message.timestamp)) === day(new Date(before.timestamp));
}

export function messageElement(message, before) {
  const article = h("article", { class: "message", data: { id: message.id }, tabindex: "-1" });
  article.setAttribute("aria-label", nameOf(message.author));
  fill(article, message, before);
  return article;
}

// Parts whose data did not change stay as they are: a playing sound goes on.
export function fill(article, message, before) {
  const ephemeral = Boolean(message.flags & EPHEMERAL);
  const joined = continues(message, before);
  article.className = ["message", joined && "joined", ephemeral && "ephemeral", mentionsMe(message) && "mentioned"].filter(Boolean).join(" ");
  const parts = {
    above: [[message.referenced_message?.id, message.referenced_message?.content, message.message_reference, message.interaction_metadata?.id, joined], () => above(message)],
    head: [[message.author.id, joined, store.identities.length], () => head(message, joined)],
    text: [[message.content, message.edited_timestamp, message.flags & LOADING], () => body(message)],
    files: [message.flags & V2 ? [] : message.attachments.map((each) => [each.id, each.filename]), () => h("div", { class: "files" }, message.flags & V2 ? [] : message.attachments.map(attachment))],
    embeds: [message.embeds, () => h("div", { class: "embeds" }, message.embeds.map(embed))],
    components: [message.components, () => h("div", { class: "components" }, message.components.map((each) => component(each, message)))],
    reactions: [message.reactions ?? [], () => reactions(message)],
    foot: [[ephemeral], () => (ephemeral ? foot(message) : null)],
    tools: [[message.content, store.commands.map((each) => each.id)], () => tools(message, article)],
  };
  const old = article.parts ?? {};
  const next = {};
  for (const [name, [data, build]] of Object.entries(parts)) {
    const key = JSON.stringify([data, document.documentElement.lang, store.me.id]);
    next[name] = old[name]?.key === key ? old[name] : { key, element: build() };
  }
  article.parts = next;
  const wanted = Object.values(next).map((each) => each.element).filter(Boolean);
  for (const each of [...article.children]) if (!wanted.includes(each)) each.remove();
  wanted.forEach((each, place) => {
    if (article.children[place] !== each) article.insertBefore(each, article.children[place] ?? null);
  });
}

function mentionsMe(message) {
  return message.mentions.some((each) => each.id === store.me.id) || message.mention_everyone;
}

function above(message) {
  const used = message.interaction_metadata;
  if (used?.name) {
    const command = used.command_type === 1 ? `/${used.name}` : used.name;
    return h("div", { class: "above" }, icon("reply"), avatar(used.user, "tiny"), t("used", { name: nameOf(used.user), command }));
  }
  if (!message.message_reference || message.type !== 19) return null;
  const target = message.referenced_message;
  if (!target) return h("div", { class: "above" }, icon("reply"), t("gone"));
  const text = target.content.replace(/```[\w+-]*\n?/g, " ").replace(/\s+/g, " ").slice(0, 120) || target.attachments.map((each) => each.filename).join(", ");
  return h("button", { type: "button", class: "above", onclick: () => emit("show", target.id) }, icon("reply"), avatar(target.author, "tiny"), h("b", {}, nameOf(target.author)), h("span", { class: "above-text" }, text));
}

function head(message, joined) {
  const date = new Date(message.timestamp);
  const time = h("time", { class: "dim", datetime: message.timestamp, title: moment(date, "F") }, moment(date, "t"));
  if (joined) return h("div", { class: "side-time", "aria-hidden": "true" }, moment(date, "t"));
  return h("div", { class: "head" }, avatar(message.author),
    h("span", { class: message.author.bot ? "name is-bot" : "name" }, nameOf(message.author)),
    message.author.bot && h("span", { class: "badge" }, t("bot")), time);
}

function body(message) {
  if (message.flags & LOADING) return h("div", { class: "text thinking" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), t("thinking", { name: nameOf(message.author) }));
  if (!message.content) return null;
  return h("div", { class: "text" }, markdown(message.content), message.edited_timestamp && h("span", { class: "dim edited" }, ` ${t("edited")}`));
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map((each) =>
    h("button", { type: "button", class: each.me ? "reaction mine" : "reaction", "aria-pressed": String(each.me), "aria-label": `${each.emoji.name} ${each.count}`, onclick: () => react(message, each.emoji.name) }, h("span", { class: "emoji" }, each.emoji.name), String(each.count))));
}

function react(message, emoji) {
  return attempt("react", { channel: message.channel_id, message: message.id, emoji });
}

function foot(message) {
  const dismiss = h("button", { type: "button", class: "plain", onclick: () => attempt("delete", { channel: message.channel_id, message: message.id }) }, t("dismiss"));
  return h("div", { class: "foot" }, icon("eye"), t("onlyYou"), " · ", dismiss);
}

function tools(message, article) {
  const tool = (name, label, action) => h("button", { type: "button", title: label, "aria-label": label, onclick: action }, icon(name));
  return h("div", { class: "tools", role: "group" },
    message.flags & EPHEMERAL ? null : tool("smile", t("react"), (event) => openMenu(event.currentTarget, emojiMenu(message))),
    message.flags & EPHEMERAL ? null : tool("reply", t("reply"), () => emit("reply", message)),
    tool("more", t("more"), (event) => openMenu(event.currentTarget, actionMenu(message, article))));
}

function emojiMenu(message) {
  return h("div", { class: "menu emojis" }, EMOJI.map((each) => item(each, () => react(message, each))));
}

function actionMenu(message, article) {
  const mine = message.author.id === store.me.id;
  const where = { channel: message.channel_id, message: message.id };
  const apps = store.commands.filter((each) => each.type === 3);
  return h("div", { class: "menu" },
    message.content && item(t("copy"), () => navigator.clipboard?.writeText(message.content)),
    mine && item(t("edit"), () => emit("edit", { message, article })),
    (mine || store.me.id === store.identities.find((each) => each.administrator)?.id) && item(t("remove"), () => attempt("delete", where)),
    apps.length > 0 && h("div", { class: "menu-title" }, t("apps")),
    apps.map((each) => item(localised(each, "name"), () => attempt("menu", { ...where, name: each.name }))));
}

function item(text, action) {
  return h("button", { type: "button", role: "menuitem", onclick: (event) => { closeMenu(); action(event); } }, text);
}

let open = null;

function closeMenu() {
  open?.menu.remove();
  open?.opener.setAttribute("aria-expanded", "false");
  open?.opener.closest(".message")?.classList.remove("busy");
  open = null;
}

function openMenu(opener, menu) {
  const again = open?.opener === opener;
  closeMenu();
  if (again) return;
  menu.setAttribute("role", "menu");
  opener.setAttribute("aria-expanded", "true");
  opener.closest(".message")?.classList.add("busy");
  document.body.append(menu);
  const place = opener.getBoundingClientRect();
  const height = menu.offsetHeight;
  menu.style.left = `${Math.max(8, Math.min(place.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${place.bottom + height + 8 < innerHeight ? place.bottom + 4 : Math.max(8, place.top - height - 4)}px`;
  open = { menu, opener };
  menu.querySelector("button")?.focus();
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.menu.contains(event.target) && !open.opener.contains(event.target)) closeMenu();
});
document.addEventListener("keydown", (event) => {
  if (!open) return;
  if (event.key === "Escape") {
    const { opener } = open;
    closeMenu();
    opener.focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const items = [...open.menu.querySelectorAll("button")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  }
});

// One message: who, when, what, and what can be done with it.

import { h, icon } from "./dom.js";
import { component } from "./components.js";
import { embed } from "./embeds.js";
import { attachment, fileName } from "./files.js";
import { day, localised, moment, t } from "./i18n.js";
import { markdown, plainText } from "./markdown.js";
import { item, openMenu } from "./menu.js";
import { ask } from "./modal.js";
import { attempt, channel, emit, may, nameOf, store } from "./store.js";

const EPHEMERAL = 64, LOADING = 128, V2 = 32768;
const EMOJI = ["👍", "❤️", "🎵", "😂", "👀", "🦋"];
const NEAR = 7 * 60 * 1000;
const MANAGE_MESSAGES = 13, CREATE_THREADS = 35; // bits of permissions

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
    head: [[message.author.id, joined, store.commands.map((each) => each.type === 2 && each.id)], () => head(message, joined)],
    text: [[message.content, message.edited_timestamp, message.flags & LOADING], () => body(message)],
    files: [message.flags & V2 ? [] : message.attachments.map((each) => [each.id, each.filename]), () => h("div", { class: "files" }, message.flags & V2 ? [] : message.attachments.map(attachment))],
    embeds: [message.embeds, () => h("div", { class: "embeds" }, message.embeds.map(embed))],
    components: [message.components, () => h("div", { class: "components" }, message.components.map((each) => component(each, message)))],
    reactions: [message.reactions ?? [], () => reactions(message)],
    thread: [[message.thread?.id, message.thread?.name], () => threadLink(message)],
    foot: [[ephemeral], () => (ephemeral ? foot(message) : null)],
    tools: [[message.id, ephemeral], () => tools(article)],
  };
  article.message = message;
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
  const text = plainText(target.content).slice(0, 120) || target.attachments.map(fileName).join(", ");
  return h("button", { type: "button", class: "above", onclick: () => emit("show", target.id) }, icon("reply"), avatar(target.author, "tiny"), h("b", {}, nameOf(target.author)), h("span", { class: "above-text" }, text));
}

function head(message, joined) {
  const date = new Date(message.timestamp);
  const time = h("time", { class: "dim", datetime: message.timestamp, title: moment(date, "F") }, moment(date, "t"));
  if (joined) return h("div", { class: "side-time", "aria-hidden": "true" }, moment(date, "t"));
  return h("div", { class: "head" }, avatar(message.author),
    name(message),
    message.author.bot && h("span", { class: "badge" }, t("bot")), time);
}

// A name; where the bot has commands for people, it opens a menu of them.
function name(message) {
  const person = message.author;
  const style = person.bot ? "name is-bot" : "name";
  const apps = store.commands.filter((each) => each.type === 2);
  if (!apps.length) return h("span", { class: style }, nameOf(person));
  const use = (each) => attempt("menu", { channel: message.channel_id, user: person.id, name: each.name });
  const menu = () => h("div", { class: "menu list people" }, h("div", { class: "menu-title" }, t("apps")), apps.map((each) => item(localised(each, "name"), () => use(each), "app")));
  return h("button", { type: "button", class: style, "aria-haspopup": "menu", "aria-expanded": "false", onclick: (event) => openMenu(event.currentTarget, menu()) }, nameOf(person));
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

function threadLink(message) {
  if (!message.thread) return null;
  return h("button", { type: "button", class: "thread-link", onclick: () => emit("choose", message.thread.id) }, icon("thread"), h("b", {}, message.thread.name));
}

function tools(article) {
  const tool = (name, label, action, popup = null) => h("button", { type: "button", title: label, "aria-label": label, "aria-haspopup": popup, "aria-expanded": popup ? "false" : null, onclick: action }, icon(name));
  const now = () => article.message; // the message as it is when the button is pressed
  const ephemeral = now().flags & EPHEMERAL;
  return h("div", { class: "tools", role: "group", "aria-label": t("more") },
    ephemeral ? null : tool("smile", t("react"), (event) => openMenu(event.currentTarget, emojiMenu(now())), "menu"),
    ephemeral ? null : tool("reply", t("reply"), () => emit("reply", now())),
    tool("more", t("more"), (event) => openMenu(event.currentTarget, actionMenu(now(), article)), "menu"));
}

function emojiMenu(message) {
  return h("div", { class: "menu emojis" }, EMOJI.map((each) => item(each, () => react(message, each))));
}

function actionMenu(message, article) {
  const mine = message.author.id === store.me.id;
  const hidden = Boolean(message.flags & EPHEMERAL);
  const place = channel(message.channel_id);
  const where = { channel: message.channel_id, message: message.id };
  const apps = store.commands.filter((each) => each.type === 3);
  const moderates = place?.guild_id && may(place, MANAGE_MESSAGES);
  return h("div", { class: "menu", "aria-label": t("more") },
    !hidden && h("div", { class: "emoji-row" }, EMOJI.map((each) => item(each, () => react(message, each)))),
    !hidden && item(t("reply"), () => emit("reply", message)),
    message.content && item(t("copy"), () => navigator.clipboard?.writeText(message.content)),
    mine && item(t("edit"), () => emit("edit", { message, article })),
    !hidden && place?.type === 0 && !message.thread && may(place, CREATE_THREADS) && item(t("startThread"), () => startThread(message)),
    (mine || hidden || moderates) && item(t(hidden ? "dismiss" : "remove"), () => attempt("delete", where), "danger-text"),
    apps.length > 0 && h("div", { class: "menu-title" }, t("apps")),
    apps.map((each) => item(localised(each, "name"), () => attempt("menu", { ...where, name: each.name }), "app")));
}

async function startThread(message) {
  const name = await ask({ title: t("startThread"), label: t("threadName"), value: message.content.replace(/\s+/g, " ").slice(0, 60), most: 100 });
  if (!name) return;
  const started = await attempt("thread", { channel: message.channel_id, message: message.id, name });
  if (started) emit("choose", started.id);
}

// Right click, or a long press where there is no mouse: the same menu as behind the dots.
const HELD = 480;
const OWN_MENU = "a, input, textarea, audio, img";

export function contextMenus(log, find) {
  let timer = 0;
  let start = null;
  let held = false;
  const show = (target, point) => {
    const article = target.closest?.(".message");
    const message = article && find(article.dataset.id);
    if (!message) return false;
    openMenu(article, actionMenu(message, article), { point });
    return true;
  };
  log.addEventListener("contextmenu", (event) => {
    if (event.target.closest(OWN_MENU) || String(getSelection())) return;
    if (show(event.target, { x: event.clientX, y: event.clientY })) event.preventDefault();
  });
  const stop = () => clearTimeout(timer);
  log.addEventListener("pointerdown", (event) => {
    stop();
    if (event.pointerType !== "touch" || event.target.closest(`${OWN_MENU}, button`)) return;
    start = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => { held = show(event.target, start); }, HELD);
  });
  // the finger that opened the menu must not press what has come up under it
  log.addEventListener("touchend", (event) => {
    if (held && event.cancelable) event.preventDefault();
    held = false;
  }, { passive: false });
  log.addEventListener("pointermove", (event) => start && Math.hypot(event.clientX - start.x, event.clientY - start.y) > 10 && stop());
  for (const name of ["pointerup", "pointercancel", "scroll"]) log.addEventListener(name, stop);
}

// The list of messages of the open channel.

import { h, toast } from "./dom.js";
import { day, t } from "./i18n.js";
import { contextMenus, fill, messageElement } from "./message.js";
import { attempt, channel, channelName, emit, explain, guildOf, load, on, store } from "./store.js";

const log = document.getElementById("log");
const EXAMPLE = "!continue g8 e8 e4 f8";
let more = false;     // whether older messages exist
let loading = false;
let stick = true;     // whether the newest message is kept in view

function list() {
  return [...(store.messages.get(store.current)?.values() ?? [])];
}

function bottom() {
  log.scrollTop = log.scrollHeight;
}

export async function openChannel() {
  const id = store.current;
  loading = true;
  log.replaceChildren();
  stick = true;
  try {
    more = await load(id);
  } catch (error) {
    toast(explain(error));
  }
  loading = false;
  if (id === store.current) draw();
  log.setAttribute("aria-label", channelName(channel()));
  if (goal) show(goal);
  goal = null;
}

// A message that was asked for by its address, perhaps in another channel.
let goal = null;

function goTo({ place, message }) {
  if (place === store.current) return show(message);
  goal = message;
  store.current = place;
  emit("channel");
  return undefined;
}

function draw() {
  const messages = list();
  const nodes = [];
  if (!more) nodes.push(welcome());
  let before = null;
  for (const message of messages) {
    if (!before || day(new Date(before.timestamp)) !== day(new Date(message.timestamp))) nodes.push(h("div", { class: "day", role: "separator" }, day(new Date(message.timestamp))));
    nodes.push(messageElement(message, before));
    before = message;
  }
  // what was there before is no news for those who listen
  log.setAttribute("aria-live", "off");
  log.replaceChildren(...nodes);
  requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
  log.classList.toggle("empty", messages.length === 0);
  if (stick) bottom();
}

// What the menus offer has changed; what plays goes on.
function refill() {
  list().forEach((message, number, messages) => {
    const article = find(message.id);
    if (article) fill(article, message, messages[number - 1]);
  });
}

function example(text) {
  return h("button", { type: "button", class: "example", onclick: () => emit("fill", text) }, text);
}

function welcome() {
  const where = channel();
  const name = where?.type === 1 ? `@${channelName(where)}` : `#${channelName(where)}`;
  const guild = guildOf(where);
  const reads = guild ? guild.bot : where?.recipients?.some((each) => each.id === store.bot.id); // whether Nabi reads along
  return h("section", { class: "welcome" },
    h("img", { src: "/page/nabi.svg", alt: "" }),
    h("h2", {}, t("welcome", { channel: name })),
    reads ? [
      h("p", {}, t("hint")),
      example(EXAMPLE),
      h("p", {}, t("hintFile"), " ", h("code", {}, "!continue"), ". ", t("hintSlash")),
    ] : h("p", {}, t("hintSlash")),
    h("p", { class: "dim" }, t("local")));
}

function place(message, scrolling = true) {
  const messages = list();
  const number = messages.findIndex((each) => each.id === message.id);
  const before = messages[number - 1];
  if (!before || day(new Date(before.timestamp)) !== day(new Date(message.timestamp))) return draw();
  log.append(messageElement(message, before));
  log.classList.remove("empty");
  if (scrolling && (stick || message.author.id === store.me.id || message.interaction_metadata?.user?.id === store.me.id)) bottom();
  else jump.hidden = false;
  return undefined;
}

function find(id) {
  return log.querySelector(`.message[data-id="${CSS.escape(id)}"]`);
}

function show(id) {
  const article = find(id);
  if (!article) return;
  article.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  article.classList.remove("flash");
  requestAnimationFrame(() => article.classList.add("flash"));
  article.focus({ preventScroll: true });
}

async function older() {
  const first = list()[0];
  if (!more || loading || !first) return;
  loading = true;
  const height = log.scrollHeight;
  try {
    more = await load(store.current, first.id);
    stick = false;
    draw();
    log.scrollTop += log.scrollHeight - height;
  } catch (error) {
    toast(explain(error));
  }
  loading = false;
}

function edit({ message, article }) {
  const box = h("textarea", { class: "edit", rows: "2", "aria-label": t("edit") });
  box.value = message.content;
  const holder = h("div", { class: "text" }, box, h("div", { class: "dim" }, t("saveHint")));
  const text = article.parts.text.element;
  const end = () => {
    if (text) holder.replaceWith(text);
    else holder.remove();
  };
  box.addEventListener("keydown", async (event) => {
    if (event.key === "Escape") end();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (await attempt("edit", { channel: message.channel_id, message: message.id, content: box.value })) end();
  });
  if (text) text.replaceWith(holder);
  else article.append(holder);
  box.focus();
}

const jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => { stick = true; bottom(); } });

export function start() {
  log.after(jump);
  contextMenus(log, (id) => store.messages.get(store.current)?.get(id));
  let top = 0;
  log.addEventListener("scroll", () => {
    const left = log.scrollHeight - log.scrollTop - log.clientHeight;
    // only a reader who scrolls up lets go of the end; pictures that grow do not
    if (left < 60) stick = true;
    else if (log.scrollTop < top - 4) stick = false;
    top = log.scrollTop;
    jump.hidden = stick || left < 300;
    jump.textContent = t("jump");
    if (log.scrollTop < 80) older();
  });
  // pictures and players grow after they are loaded
  new ResizeObserver(() => stick && bottom()).observe(log);
  log.addEventListener("load", () => stick && bottom(), true);
  log.addEventListener("loadedmetadata", () => stick && bottom(), true);
  on("message", (message) => message.channel_id === store.current && !loading && place(message));
  on("changed", (message) => {
    const article = message.channel_id === store.current ? find(message.id) : null;
    if (!article) return;
    const messages = list();
    fill(article, message, messages[messages.findIndex((each) => each.id === message.id) - 1]);
    if (stick) bottom();
  });
  on("deleted", ({ channel_id }) => channel_id === store.current && draw());
  on("redraw", draw);
  on("commands", refill);
  on("show", show);
  on("goto", goTo);
  on("edit", edit);
}

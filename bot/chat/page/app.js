// Put the page together.

import { h, icon, toast } from "./dom.js";
import { language, setLanguage, t } from "./i18n.js";
import { channelSettings, manages } from "./channel_settings.js";
import { settled } from "./components.js";
import * as composer from "./composer.js";
import * as log from "./log.js";
import { openModal } from "./modal.js";
import * as sidebar from "./sidebar.js";
import { attempt, channel, channelName, connect, emit, explain, get, guildOf, nameOf, on, store } from "./store.js";

const head = document.getElementById("head");
const status = document.getElementById("status");
const typing = document.getElementById("typing");
const typers = new Map(); // user id -> timer

function drawHead() {
  const where = channel();
  head.replaceChildren(...[
    h("button", { type: "button", class: "round burger", "aria-label": t("menu"), "aria-controls": "sidebar", "aria-expanded": "false", onclick: () => sidebar.drawer(true) }, icon("menu")),
    icon(where?.type === 1 ? "at" : where?.type === 11 ? "thread" : "hash"),
    h("h1", {}, channelName(where)),
    h("span", { class: "dim topic" }, where?.topic ?? ""),
    manages(where) && h("button", { type: "button", class: "round gear", title: t("channelSettings"), "aria-label": t("channelSettings"), onclick: channelSettings }, icon("gear")),
  ].filter(Boolean));
  document.title = `${channelName(where)} · Nabi`;
}

function drawStatus() {
  const guild = guildOf(channel());
  const text = !store.connected ? t("lost") : !store.online ? t("botOffline") : guild && !guild.bot ? t("notMember") : "";
  status.textContent = text;
  status.className = !store.connected ? "lost" : text ? "note" : "";
  document.body.classList.toggle("cut", !store.connected);
}

function drawTyping() {
  const names = [...typers.keys()].map((id) => nameOf(store.users.get(id)));
  typing.replaceChildren();
  if (!names.length) return;
  const text = names.length > 2 ? t("typingMany") : t("typing", { name: names.join(", ") });
  typing.append(h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), text);
}

function stopTyping(id) {
  clearTimeout(typers.get(id));
  typers.delete(id);
  drawTyping();
}

async function loadCommands() {
  try {
    store.commands = await get("commands", { channel: store.current });
    emit("commands");
  } catch (error) {
    toast(explain(error));
  }
}

async function show() {
  for (const id of [...typers.keys()]) stopTyping(id);
  drawHead();
  drawStatus();
  await Promise.all([log.openChannel(), loadCommands()]);
}

on("ready", () => { sidebar.draw(); emit("channel"); attempt("language", {}); });
on("channel", show);
on("places", () => { drawHead(); loadCommands(); });
on("connection", drawStatus);
on("presence", drawStatus);
on("language", () => { drawHead(); drawStatus(); emit("redraw"); attempt("language", {}); });
on("TYPING_START", (data) => {
  if (data.channel_id !== store.current || data.user_id === store.me.id || !store.users.has(data.user_id)) return;
  clearTimeout(typers.get(data.user_id));
  typers.set(data.user_id, setTimeout(() => stopTyping(data.user_id), 10000));
  drawTyping();
});
on("message", (message) => stopTyping(message.author.id));
on("CHAT_COMMANDS", () => store.current && loadCommands());
// A form opens in the window that asked for it, not in others of the same person.
const asked = new Set();
const early = new Map(); // forms that came before the answer to what asked for them
on("started", (id) => {
  asked.add(id);
  if (early.has(id)) openModal(early.get(id));
  early.delete(id);
});
on("CHAT_MODAL", (form) => (asked.has(form.interaction) ? openModal(form) : early.set(form.interaction, form)));
on("CHAT_INTERACTION_DONE", ({ interaction }) => settled(interaction));
on("CHAT_INTERACTION_FAILED", ({ interaction }) => { settled(interaction); if (asked.has(interaction)) toast(t("failed")); });

setLanguage(language);
log.start();
composer.start();
sidebar.start();

async function begin() {
  // who there is to be: the server tells, and the page remembers the choice while it is open
  let people;
  try {
    people = await (await fetch("/chat/identities")).json();
  } catch {
    store.connected = false;
    drawStatus();
    setTimeout(begin, 1000);
    return;
  }
  let remembered = null;
  try {
    remembered = sessionStorage.getItem("nabi.identity");
  } catch {
    // then the first one
  }
  connect((people.find((each) => each.username === remembered) ?? people[0]).id);
}

begin();

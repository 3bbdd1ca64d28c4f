// Guilds, channels, who one is, and the language.

import { h, icon } from "./dom.js";
import { language, languages, setLanguage, t } from "./i18n.js";
import { avatar } from "./message.js";
import { channelName, connect, emit, nameOf, on, store } from "./store.js";
import { setTheme, theme, THEMES } from "./theme.js";

const root = document.getElementById("sidebar");
const shade = document.getElementById("shade");

const main = document.getElementById("main");

// Over a narrow screen: the focus goes in and comes back, and nothing behind it can be reached.
export function drawer(open) {
  if (open === document.body.classList.contains("drawer")) return;
  document.body.classList.toggle("drawer", open);
  main.inert = open;
  (open ? root.querySelector(".channel.here") : document.querySelector(".burger"))?.focus();
  document.querySelector(".burger")?.setAttribute("aria-expanded", String(open));
}

export function choose(id) {
  store.current = id;
  store.unread.delete(id);
  drawer(false);
  emit("channel");
}

// A new thread may be asked for before the news of it has come.
let wanted = null;

function arrive() {
  if (!store.channels.has(wanted)) return;
  const id = wanted;
  wanted = null;
  choose(id);
}

function entry(each) {
  const here = each.id === store.current;
  const unread = store.unread.has(each.id);
  const mark = each.type === 1 ? avatar(each.recipients[0], "tiny") : icon(each.type === 11 ? "thread" : "hash");
  return h("button", { type: "button", class: ["channel", here && "here", unread && "unread", each.type === 11 && "deep"].filter(Boolean).join(" "), "aria-current": here ? "page" : null, data: { channel: each.id }, onclick: () => choose(each.id) },
    mark, h("span", {}, channelName(each)), unread && h("span", { class: "dot", "aria-hidden": "true" }));
}

function ordered(channels) {
  const threads = channels.filter((each) => each.type === 11);
  return channels.filter((each) => each.type !== 11).flatMap((each) => [each, ...threads.filter((thread) => thread.parent_id === each.id)]);
}

// One of several, all in sight.
function segments(name, legend, choices, chosen, choose) {
  return h("fieldset", { class: "identity" }, h("legend", {}, legend),
    h("div", { class: "segments" }, choices.map(([value, text]) => h("label", { class: value === chosen ? "on" : "" },
      h("input", { type: "radio", name, value, checked: value === chosen, onchange: () => choose(value) }), text))));
}

function become(id) {
  try {
    sessionStorage.setItem("nabi.identity", store.identities.find((each) => each.id === id).username);
  } catch {
    // it then lasts as long as the page
  }
  if (store.direct.some((each) => each.id === store.current)) store.current = null;
  connect(id);
}

export function draw() {
  if (!store.ready) return;
  root.setAttribute("aria-label", t("channels"));
  const at = root.contains(document.activeElement) ? document.activeElement : null;
  const focused = at?.name ? `[name="${at.name}"]:checked` : at?.dataset.channel ? `[data-channel="${at.dataset.channel}"]` : null;
  root.replaceChildren(
    h("div", { class: "brand" }, h("img", { src: "/page/nabi.svg", alt: "" }), h("div", {}, h("b", {}, "나비 Nabi"), h("div", { class: store.online ? "presence on" : "presence" }, t(store.online ? "online" : "offline")))),
    h("div", { class: "channels" },
      store.guilds.map((guild) => [h("h2", { title: guild.bot ? null : t("notMember") }, guild.name, !guild.bot && h("span", { class: "tag" }, t("apps"))), ordered(guild.channels).map(entry)]),
      h("h2", {}, t("direct")), store.direct.map(entry)),
    h("div", { class: "settings" },
      segments("identity", t("speakAs"), store.identities.map((each) => [each.id, nameOf(each)]), store.me.id, become),
      segments("language", t("language"), languages, language, (code) => { setLanguage(code); emit("language"); }),
      segments("theme", t("theme"), THEMES.map((each) => [each, t(each)]), theme, (name) => { setTheme(name); draw(); })));
  if (focused) root.querySelector(focused)?.focus();
}

export function start() {
  shade.addEventListener("click", () => drawer(false));
  matchMedia("(max-width: 720px)").addEventListener("change", () => drawer(false));
  addEventListener("keydown", (event) => event.key === "Escape" && drawer(false));
  for (const name of ["ready", "places", "presence", "channel", "language", "message"]) on(name, draw);
  on("choose", (id) => { wanted = id; arrive(); });
  on("places", arrive);
}

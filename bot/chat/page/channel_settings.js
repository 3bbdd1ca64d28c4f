// What the bot may do in a channel, to be changed by those who manage it.

import { h } from "./dom.js";
import { t } from "./i18n.js";
import { dialogOf } from "./modal.js";
import { attempt, channel, channelName, guildOf, may } from "./store.js";

const MANAGE_ROLES = 28;
const BITS = { VIEW_CHANNEL: 10, SEND_MESSAGES: 11, SEND_MESSAGES_IN_THREADS: 38, ATTACH_FILES: 15, EMBED_LINKS: 14, READ_MESSAGE_HISTORY: 16, ADD_REACTIONS: 6 };
const TIERS = [[0, 10], [2, 50], [3, 100]]; // level and megabytes

export function manages(where) {
  return Boolean(where?.guild_id && guildOf(where)?.bot && may(where, MANAGE_ROLES));
}

function permission(where, name) {
  const box = h("input", { type: "checkbox", role: "switch", checked: may(where, BITS[name], "bot_permissions") });
  box.addEventListener("change", async () => {
    if (!(await attempt("permission", { channel: where.id, permission: name, granted: box.checked }))) box.checked = !box.checked;
  });
  return h("label", { class: "switch" }, h("span", {}, t(name)), box);
}

export function channelSettings() {
  const where = channel();
  const tier = h("select", { onchange: () => attempt("tier", { channel: where.id, tier: Number(tier.value) }) },
    TIERS.map(([level, size]) => h("option", { value: String(level), selected: guildOf(where).tier === level }, t("tierName", { size, tier: level }))));
  dialogOf(t("channelSettings"), [
    h("p", { class: "dim" }, t("channelSettingsHint", { channel: `#${channelName(where)}` })),
    h("div", { class: "switches" }, Object.keys(BITS).map((name) => permission(where, name))),
    h("label", { class: "modal-field" }, h("span", { class: "modal-label" }, t("tier")), tier),
  ], h("button", { type: "submit", class: "button primary" }, t("close")), () => true);
}

// What the page knows, and its line to the server.

import { has, locale, t } from "./i18n.js";
import { toast } from "./dom.js";

export const store = {
  ready: false,       // whether the first description of everything arrived
  connected: false,
  online: false,      // whether the bot is there
  me: null, bot: null, identities: [], users: new Map(), roles: new Map(), guilds: [], direct: [],
  channels: new Map(),
  current: null,      // id of the open channel
  messages: new Map(),// channel id -> Map of message id -> message, complete up to the newest
  unread: new Set(),
  commands: [],
};

const listeners = new Map();

export function on(name, listener) {
  listeners.set(name, [...(listeners.get(name) ?? []), listener]);
}

export function emit(name, data) {
  for (const listener of listeners.get(name) ?? []) listener(data);
}

export function guildOf(each) {
  return store.guilds.find((guild) => guild.id === each?.guild_id) ?? null;
}

// Whether one may do something in a channel; permissions are bits of a large number.
export function may(each, bit, whose = "permissions") {
  return Boolean(each?.[whose] !== undefined && BigInt(each[whose]) & (1n << BigInt(bit)));
}

export function channel(id = store.current) {
  return store.channels.get(id);
}

export function channelName(each) {
  if (!each) return "";
  return each.type === 1 ? nameOf(each.recipients[0]) : each.name;
}

export function nameOf(user) {
  const identity = store.identities.find((each) => each.id === user.id);
  if (identity && has(identity.username)) return t(identity.username);
  return user.global_name ?? user.username;
}

// Requests

export class Refused extends Error {
  constructor(status, body) {
    super(body?.message ?? `HTTP ${status}`);
    this.code = body?.code ?? 0;
    this.errors = body?.errors ?? null;
  }
}

export function explain(error) {
  if (!(error instanceof Refused)) return t("network");
  if (has(`e${error.code}`)) return t(`e${error.code}`);
  if (error.errors?.content) return t("tooLong");
  const [first] = problems(error.errors);
  return t("error", { message: first ? `${first[0]}: ${first[1]}` : error.message });
}

const SENTENCES = {
  BASE_TYPE_REQUIRED: "pRequired", BASE_TYPE_BAD_LENGTH: "pLength", BASE_TYPE_MAX_LENGTH: "pLongest",
  NUMBER_TYPE_RANGE: "pRange", NUMBER_TYPE_COERCE: "pNumber", BASE_TYPE_CHOICES: "pChoice", APPLICATION_COMMAND_OPTION_UNKNOWN: "pChoice",
};

// The first thing that is wrong with each field, by the field's name.
export function problems(errors, path = "", found = new Map()) {
  for (const [key, value] of Object.entries(errors ?? {})) {
    if (key === "_errors") {
      const { code, message } = value[0];
      found.set(path, SENTENCES[code] ? t(SENTENCES[code], message.match(/-?\d+(\.\d+)?/g) ?? []) : message);
    } else problems(value, path && path !== "_" ? `${path}.${key}` : key, found);
  }
  return found;
}

async function call(path, options) {
  const response = await fetch(path, options);
  const body = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}

export function get(path, values) {
  return call(`/chat/${path}?${new URLSearchParams({ as: store.me.id, ...values })}`);
}

export async function act(path, values, files = []) {
  const body = JSON.stringify({ as: store.me.id, channel: store.current, locale: locale(), ...values });
  const headers = { "X-Nabi-Chat": "1" };
  let form = null;
  if (files.length) {
    form = new FormData();
    form.append("payload_json", body);
    files.forEach((file, number) => form.append(`files[${number}]`, file, file.name));
  } else headers["Content-Type"] = "application/json";
  const answer = await call(`/chat/${path}`, { method: "POST", headers, body: form ?? body });
  if (answer?.interaction) emit("started", answer.interaction);
  return answer;
}

// Act and show what went wrong; tells whether it worked.
export async function attempt(path, values, files) {
  try {
    return (await act(path, values, files)) ?? true;
  } catch (error) {
    toast(explain(error));
    return null;
  }
}

// News

let socket = null;
let patience = 300;
let wanted = null;

export function connect(identity) {
  wanted = identity;
  socket?.close();
  const mine = new WebSocket(`ws://${location.host}/chat/socket?${new URLSearchParams({ as: identity })}`);
  socket = mine;
  mine.onmessage = (event) => {
    const { t: name, d: data } = JSON.parse(event.data);
    if (socket === mine) receive(name, data);
  };
  mine.onclose = () => {
    if (socket !== mine) return;
    store.connected = false;
    emit("connection");
    setTimeout(() => connect(wanted), patience);
    patience = Math.min(patience * 1.6, 5000);
  };
}

function receive(name, data) {
  if (name === "READY") return start(data);
  if (name === "PLACES") return places(data);
  const messages = store.messages.get(data.channel_id);
  if (name === "MESSAGE_CREATE") {
    messages?.set(data.id, data);
    emit("typed", data);
    if (data.channel_id !== store.current && data.author.id !== store.me.id) store.unread.add(data.channel_id);
    emit("message", data);
  } else if (name === "MESSAGE_UPDATE") {
    if (messages?.has(data.id)) {
      messages.set(data.id, data);
      emit("changed", data);
    }
  } else if (name === "MESSAGE_DELETE" || name === "MESSAGE_DELETE_BULK") {
    for (const id of data.ids ?? [data.id]) {
      messages?.delete(id);
      emit("deleted", { id, channel_id: data.channel_id });
    }
  } else if (name === "CHAT_PRESENCE") {
    store.online = data.online;
    emit("presence");
  } else emit(name, data);
}

// Who and what there is; messages stay as they are.
function furnish(data) {
  Object.assign(store, {
    me: data.me, bot: data.bot, online: data.online, identities: data.identities, guilds: data.guilds, direct: data.direct,
    users: new Map(data.users.map((each) => [each.id, each])),
    roles: new Map(data.guilds.flatMap((guild) => guild.roles).map((each) => [each.id, each])),
    channels: new Map([...data.guilds.flatMap((guild) => guild.channels), ...data.direct].map((each) => [each.id, each])),
  });
  const here = store.channels.has(store.current);
  if (!here) store.current = data.guilds[0]?.channels[0]?.id ?? data.direct[0].id;
  return here;
}

function start(data) {
  Object.assign(store, { ready: true, connected: true, messages: new Map() });
  furnish(data);
  patience = 300;
  emit("connection");
  emit("ready");
}

function places(data) {
  if (furnish(data)) emit("places");
  else emit("ready"); // the open channel is gone
}

export async function load(channelId, before) {
  const list = await get("messages", { channel: channelId, limit: 50, ...(before ? { before } : {}) });
  const known = before ? [...(store.messages.get(channelId)?.entries() ?? [])] : [];
  store.messages.set(channelId, new Map([...list.map((each) => [each.id, each]), ...known]));
  return list.length === 50;
}

// The page's own words, in Korean and English.

const WORDS = {
  en: {
    lang: "English", channels: "Channels", direct: "Direct messages", speakAs: "You speak as",
    member: "Member", administrator: "Administrator", friend: "Friend", language: "Language",
    online: "online", offline: "not connected", botOffline: "Nabi is not connected yet. Messages wait here, but nobody answers them.",
    lost: "Connection lost. Trying again…", write: "Message {channel}", send: "Send", attach: "Attach files",
    bot: "APP", edited: "(edited)", thinking: "{name} is thinking…", onlyYou: "Only you can see this",
    dismiss: "Dismiss", typing: "{name} is typing…", typingMany: "Several people are typing…",
    reply: "Reply", replyingTo: "Replying to {name}", cancel: "Cancel", react: "Add a reaction", more: "More",
    copy: "Copy text", edit: "Edit", remove: "Delete", apps: "Apps", gone: "The original message is gone",
    used: "{name} used {command}", failed: "Nabi did not respond in time.", download: "Download", openImage: "Enlarge picture",
    close: "Close", submit: "Submit", required: "required", run: "Run", noCommands: "No command of this name.", noneHere: "You have no commands here.",
    options: "Options", choose: "Choose…", yes: "yes", no: "no", tooBig: "{name} is larger than {limit} MB.",
    tooMany: "At most 10 files go with one message.", dropHere: "Drop files to attach them", menu: "Open menu", jump: "Newest messages ↓",
    welcome: "Welcome to {channel}", hint: "Type the first notes of a tune, and Nabi finishes it. Try this one:",
    hintFile: "Or drop a MIDI, MusicXML or ABC file here and write", hintSlash: "Typing / lists all commands.",
    today: "Today", yesterday: "Yesterday", local: "This chat runs on your computer only. Nothing leaves it.",
    saveHint: "Enter saves, Esc cancels", file: "File", picture: "Picture: {name}", audio: "Audio: {name}",
    e40005: "The file is too large.", e50006: "An empty message cannot be sent.", e50013: "You lack the permission for this.",
    e50001: "You cannot see this channel.", e10008: "This message is gone.", e10062: "This has expired.", e10063: "There is no such command here.",
    e50007: "This user takes no direct messages.", tooLong: "The text is longer than 2000 characters.", network: "The server cannot be reached.",
    search: "Search", done: "Choose", nothingFound: "Nothing found.", chosen: "{count} of {most}",
    startThread: "Start a thread", threadName: "Name of the thread", system: "System", light: "Light", dark: "Dark", theme: "Appearance",
    channelSettings: "What Nabi may do here", channelSettingsHint: "For trying out how Nabi explains what it lacks. It holds for {channel} at once.",
    VIEW_CHANNEL: "See the channel", SEND_MESSAGES: "Send messages", SEND_MESSAGES_IN_THREADS: "Send messages in threads", ATTACH_FILES: "Attach files",
    EMBED_LINKS: "Embed links", READ_MESSAGE_HISTORY: "Read message history", ADD_REACTIONS: "Add reactions",
    tier: "Upload limit of this server", tierName: "{size} MB (level {tier})", describe: "Describe {name}", altText: "Description for those who do not see the file",
    copyCode: "Copy", copied: "Copied", notMember: "Nabi is not a member of this server. Who has installed it can still use its commands here.",
    pRequired: "This is required.", pLength: "Between {0} and {1} characters, please.", pLongest: "At most {0} characters, please.", pRange: "A number from {0} to {1}, please.",
    pNumber: "This is not a number.", pChoice: "This cannot be chosen here.",
    wholeSize: "Full size", fitSize: "Fit to screen", chooseFile: "Choose a file", chooseFiles: "Choose files",
    error: "That did not work: {message}",
  },
  ko: {
    lang: "한국어", channels: "채널", direct: "다이렉트 메시지", speakAs: "말하는 사람",
    member: "멤버", administrator: "관리자", friend: "친구", language: "언어",
    online: "접속 중", offline: "연결 안 됨", botOffline: "나비가 아직 연결되지 않았어요. 메시지는 남지만 답하는 이가 없습니다.",
    lost: "연결이 끊겼습니다. 다시 연결하는 중…", write: "{channel}에 메시지 보내기", send: "보내기", attach: "파일 첨부",
    bot: "앱", edited: "(수정됨)", thinking: "{name} 님이 생각하는 중…", onlyYou: "나에게만 보이는 메시지",
    dismiss: "닫기", typing: "{name} 님이 입력하는 중…", typingMany: "여러 사람이 입력하는 중…",
    reply: "답장", replyingTo: "{name} 님에게 답장", cancel: "취소", react: "반응 달기", more: "더 보기",
    copy: "텍스트 복사", edit: "수정", remove: "삭제", apps: "앱", gone: "원래 메시지가 삭제되었습니다",
    used: "{name} 님이 {command} 명령을 사용함", failed: "나비가 제때 응답하지 않았습니다.", download: "내려받기", openImage: "그림 크게 보기",
    close: "닫기", submit: "제출", required: "필수", run: "실행", noCommands: "그런 이름의 명령어가 없습니다.", noneHere: "여기서 쓸 수 있는 명령어가 없습니다.",
    options: "옵션", choose: "선택…", yes: "예", no: "아니요", tooBig: "{name} 파일이 {limit} MB보다 큽니다.",
    tooMany: "한 메시지에 파일은 10개까지입니다.", dropHere: "여기에 놓으면 파일이 첨부됩니다", menu: "메뉴 열기", jump: "최근 메시지 ↓",
    welcome: "{channel} 채널에 오신 것을 환영합니다", hint: "멜로디의 첫 음들을 적으면 나비가 이어서 완성합니다. 이렇게 해 보세요:",
    hintFile: "또는 MIDI, MusicXML, ABC 파일을 여기에 끌어다 놓고 이렇게 쓰세요:", hintSlash: "/ 를 입력하면 모든 명령어가 나옵니다.",
    today: "오늘", yesterday: "어제", local: "이 채팅은 이 컴퓨터 안에서만 돌아가며, 아무것도 밖으로 나가지 않습니다.",
    saveHint: "Enter로 저장, Esc로 취소", file: "파일", picture: "그림: {name}", audio: "소리: {name}",
    e40005: "파일이 너무 큽니다.", e50006: "빈 메시지는 보낼 수 없습니다.", e50013: "권한이 없습니다.",
    e50001: "볼 수 없는 채널입니다.", e10008: "메시지가 사라졌습니다.", e10062: "이미 만료되었습니다.", e10063: "여기에는 그런 명령어가 없습니다.",
    e50007: "이 사용자에게는 메시지를 보낼 수 없습니다.", tooLong: "2000자를 넘는 메시지입니다.", network: "서버에 연결할 수 없습니다.",
    search: "검색", done: "선택", nothingFound: "찾은 항목이 없습니다.", chosen: "{most}개 중 {count}개",
    startThread: "스레드 만들기", threadName: "스레드 이름", system: "시스템", light: "밝게", dark: "어둡게", theme: "화면 테마",
    channelSettings: "여기서 나비가 할 수 있는 일", channelSettingsHint: "권한이 없을 때 나비가 어떻게 알려 주는지 볼 수 있어요. {channel}에 바로 적용됩니다.",
    VIEW_CHANNEL: "채널 보기", SEND_MESSAGES: "메시지 보내기", SEND_MESSAGES_IN_THREADS: "스레드에서 메시지 보내기", ATTACH_FILES: "파일 첨부",
    EMBED_LINKS: "링크 첨부(임베드)", READ_MESSAGE_HISTORY: "메시지 기록 보기", ADD_REACTIONS: "반응 추가하기",
    tier: "이 서버의 업로드 한도", tierName: "{size}MB (레벨 {tier})", describe: "{name} 설명 쓰기", altText: "파일을 볼 수 없는 사람을 위한 설명",
    copyCode: "복사", copied: "복사됨", notMember: "나비는 이 서버의 멤버가 아니에요. 나비를 설치한 사람은 여기서도 명령어를 쓸 수 있어요.",
    pRequired: "꼭 입력해야 합니다.", pLength: "{0}자에서 {1}자 사이로 입력해 주세요.", pLongest: "{0}자까지 쓸 수 있습니다.", pRange: "{0}에서 {1} 사이의 숫자를 입력해 주세요.",
    pNumber: "숫자가 아닙니다.", pChoice: "여기서 고를 수 없는 값입니다.",
    wholeSize: "실제 크기", fitSize: "화면에 맞추기", chooseFile: "파일 선택", chooseFiles: "여러 파일 선택",
    error: "문제가 생겼습니다: {message}",
  },
};

function stored() {
  try {
    return localStorage.getItem("nabi.language");
  } catch {
    return null; // storage may be switched off
  }
}

export let language = stored() ?? (navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en");

export function setLanguage(code) {
  language = code;
  document.documentElement.lang = code;
  try {
    localStorage.setItem("nabi.language", code);
  } catch {
    // it then lasts as long as the page
  }
}

export const languages = Object.entries(WORDS).map(([code, words]) => [code, words.lang]);

export function t(key, values = {}) {
  const text = WORDS[language][key] ?? WORDS.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function has(key) {
  return key in WORDS.en;
}

export function locale() {
  return language === "ko" ? "ko" : "en-US";
}

// Commands and options carry their own translations.
export function localised(thing, field) {
  return thing[`${field}_localizations`]?.[locale()] ?? thing[field];
}

const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

export function relative(seconds) {
  const left = seconds - Date.now() / 1000;
  const [unit, size] = UNITS.find(([, each]) => Math.abs(left) >= each) ?? UNITS[5];
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(Math.round(left / size), unit);
}

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};

export function moment(date, style = "f") {
  return new Intl.DateTimeFormat(language, STYLES[style] ?? STYLES.f).format(date);
}

export function day(date) {
  const start = (each) => new Date(each.getFullYear(), each.getMonth(), each.getDate()).getTime();
  const days = Math.round((start(new Date()) - start(date)) / 86400000);
  if (days === 0) return t("today");
  return days === 1 ? t("yesterday") : moment(date, "D");
}

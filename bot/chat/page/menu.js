// Menus: beside what opened them, or as a sheet at the foot of a narrow screen.

import { h } from "./dom.js";

const NARROW = matchMedia("(max-width: 720px)");
const ITEMS = "button:not(:disabled), input";
let open = null;

export function closeMenu(refocus = false) {
  if (!open) return;
  const { menu, shade, opener, closed } = open;
  open = null;
  menu.remove();
  shade?.remove();
  if (opener.hasAttribute("aria-expanded")) opener.setAttribute("aria-expanded", "false");
  opener.closest(".message")?.classList.remove("busy");
  if (refocus) opener.focus({ preventScroll: true });
  closed?.();
}

// Beside the opener, or where the pointer is; `closed` is called when the menu goes.
function place(menu, opener, point) {
  const box = point ? { left: point.x, right: point.x + menu.offsetWidth, top: point.y, bottom: point.y } : opener.getBoundingClientRect();
  const left = menu.classList.contains("list") ? box.left : box.right - menu.offsetWidth;
  const below = box.bottom + menu.offsetHeight + 8 < innerHeight;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${below ? box.bottom + 4 : Math.max(8, box.top - menu.offsetHeight - 4)}px`;
}

export function openMenu(opener, menu, { point = null, closed = null, role = "menu" } = {}) {
  const again = open?.opener === opener && !point;
  closeMenu();
  if (again) return;
  if (role) menu.setAttribute("role", role);
  if (opener.hasAttribute("aria-expanded")) opener.setAttribute("aria-expanded", "true");
  opener.closest(".message")?.classList.add("busy");
  const sheet = NARROW.matches;
  const shade = sheet ? h("div", { class: "menu-shade" }) : null;
  if (shade) document.body.append(shade);
  menu.classList.toggle("sheet", sheet);
  document.body.append(menu);
  if (!sheet) place(menu, opener, point);
  open = { menu, shade, opener, closed };
  const first = menu.querySelector("[aria-selected='true']") ?? (sheet ? menu.querySelector("button") : menu.querySelector(ITEMS));
  first?.focus({ preventScroll: !sheet });
}

export function item(text, action, className = "") {
  return h("button", { type: "button", role: "menuitem", class: className || null, onclick: (event) => { closeMenu(true); action(event); } }, text);
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.menu.contains(event.target) && !open.opener.contains(event.target)) closeMenu();
}, true);
addEventListener("resize", () => open && !open.menu.querySelector("input") && closeMenu());
document.addEventListener("keydown", (event) => {
  if (!open) return;
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    closeMenu(true);
    return;
  }
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const typing = event.target.tagName === "INPUT";
  if (!step || event.isComposing || (typing && /Left|Right/.test(event.key))) return;
  event.preventDefault();
  const items = [...open.menu.querySelectorAll(ITEMS)];
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
});

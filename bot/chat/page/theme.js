// Dark, light, or as the system has it.

const root = document.documentElement;
export const THEMES = ["system", "light", "dark"];

function stored() {
  try {
    return localStorage.getItem("nabi.theme");
  } catch {
    return null; // storage may be switched off
  }
}

export let theme = THEMES.includes(stored()) ? stored() : "system";

export function setTheme(name) {
  theme = name;
  if (name === "system") delete root.dataset.theme;
  else root.dataset.theme = name;
  try {
    localStorage.setItem("nabi.theme", name);
  } catch {
    // it then lasts as long as the page
  }
}

setTheme(theme);

/** Which colours are wanted: those of the system, or always the same. */
export type Theme = "system" | "light" | "dark";

export const themes: Theme[] = ["system", "light", "dark"];

const key = "quadrille.theme";

/** What was chosen in this browser last. */
export function theme(): Theme {
  const kept = localStorage.getItem(key);
  return themes.find((theme) => theme === kept) ?? "system";
}

/** Chooses, for this page and for those to come. */
export function keepTheme(next: Theme) {
  localStorage.setItem(key, next);
  wear(next);
}

/** Has the page wear it. */
export function wear(theme: Theme) {
  if (theme === "system") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
}

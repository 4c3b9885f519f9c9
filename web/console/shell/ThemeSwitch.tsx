import { useState } from "react";
import { unseenClass } from "../../shared/ui";

import styles from "./ThemeSwitch.module.css";
import { keepTheme, type Theme, theme, themes } from "./theme";

const names: Record<Theme, string> = { system: "System", light: "Light", dark: "Dark" };

/** Chooses the colours of the console. */
export function ThemeSwitch() {
  const [chosen, choose] = useState(theme);
  return (
    <fieldset className={styles.switch}>
      <legend className={unseenClass}>Theme</legend>
      {themes.map((one) => (
        <label key={one} className={styles.choice}>
          <input
            type="radio"
            name="theme"
            checked={one === chosen}
            onChange={() => {
              keepTheme(one);
              choose(one);
            }}
          />
          <span>{names[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}

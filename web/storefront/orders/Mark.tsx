import styles from "./Mark.module.css";

/** What is drawn at a station or step that has come so far, so that nothing is said by colour alone. It has the colour `--tone`. */
export function Mark({ of }: { of: keyof typeof lines }) {
  return (
    <svg className={styles.mark} data-of={of} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <circle cx="12" cy="12" r="10.500" />
      <path d={lines[of]} />
    </svg>
  );
}

const back = "M17 15 V13 A3.500 3.500 0 0 0 13.500 9.500 H7.500 M10 7 L7.500 9.500 L10 12";
const lines = {
  waiting: "",
  now: "M8 12 h.01 M12 12 h.01 M16 12 h.01",
  done: "M7.500 12.500 L11 16 L17 9",
  failed: "M8.500 8.500 L15.500 15.500 M15.500 8.500 L8.500 15.500",
  undoing: back,
  undone: back,
  skipped: "M8 12 H16",
  unknown: "M9.500 9.500 A2.500 2.500 0 1 1 12 12 V13.500 M12 16.500 h.01",
};

import { type ButtonHTMLAttributes, cloneElement, type ReactElement, type ReactNode, useId } from "react";

import type { Trouble } from "./trouble";
import styles from "./ui.module.css";

/** What something means: good news, undoing, bad news, or what the page is mainly for. */
export type Tone = "plain" | "main" | "good" | "undo" | "bad";

/** The class of what looks like a button and is none: a link. */
export const buttonClass = styles.button ?? "";

/** The class of what is read out, and not seen. */
export const unseenClass = styles.unseen ?? "";

/** A button. While busy it says so and takes no press, but keeps the focus. */
export function Button({
  tone = "plain",
  busy = false,
  onClick,
  type = "button",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { tone?: Tone; busy?: boolean }) {
  return (
    <button
      {...rest}
      type={type}
      className={buttonClass}
      data-tone={tone}
      aria-disabled={busy || undefined}
      onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))}
    />
  );
}

type Control = ReactElement<{ id?: string; "aria-describedby"?: string | undefined; "aria-invalid"?: boolean | undefined }>;

/** A labelled control: what it is for, what is wrong with its value, how it is to be filled. */
export function Field({
  label,
  hint,
  wrong,
  children,
}: {
  label: string;
  hint?: string;
  wrong?: string | undefined;
  children: Control;
}) {
  const id = useId();
  const about = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ");
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {cloneElement(children, { id, "aria-describedby": about || undefined, "aria-invalid": wrong ? true : undefined })}
      {hint && (
        <span id={`${id}-hint`} className={styles.hint}>
          {hint}
        </span>
      )}
      {wrong && (
        <span id={`${id}-wrong`} className={styles.wrong}>
          {wrong}
        </span>
      )}
    </div>
  );
}

/** Something to know. Bad news is read out at once, the rest when there is time. */
export function Notice({ tone = "main", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <div className={styles.notice} data-tone={tone} role={tone === "bad" ? "alert" : "status"}>
      {children}
    </div>
  );
}

/** How something stands, in a word. */
export function Badge({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={styles.badge} data-tone={tone}>
      {children}
    </span>
  );
}

/** A link, first on the page, past what is on every page. */
export function SkipLink() {
  return (
    <a className={styles.skip} href="#main">
      Skip to content
    </a>
  );
}

const sentences: Record<Exclude<Trouble["kind"], "away" | "failed">, string> = {
  offline: "Quadrille cannot be reached at the moment. Check your connection, and try again.",
  "signed out": "You are not signed in, or no longer.",
  forbidden: "This is not yours to see.",
  "too fast": "That was a lot at once. Wait a moment, and try again.",
};

/** Trouble, in a sentence. */
export function troubleText(trouble: Trouble): string {
  switch (trouble.kind) {
    case "away":
      return `No answer from ${trouble.contexts.join(" and ")} at the moment.`;
    case "failed":
      return trouble.message;
    default:
      return sentences[trouble.kind];
  }
}

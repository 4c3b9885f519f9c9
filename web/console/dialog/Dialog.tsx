import { type ReactNode, useEffect, useId, useRef } from "react";

import { Button } from "../../shared/ui";
import styles from "./Dialog.module.css";

/** Something to decide before anything else. Escape closes it, too; then the focus is where it was. */
export function Dialog({
  title,
  wide = false,
  onClose,
  children,
}: {
  title: string;
  wide?: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (dialog.current?.open === false) {
      dialog.current.showModal();
    }
  }, []);
  return (
    <dialog ref={dialog} className={styles.dialog} data-wide={wide || undefined} aria-labelledby={id} onClose={onClose}>
      <div className={styles.content}>
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

/** Closes the dialog that it is in. */
export function CloseButton({ children = "Cancel" }: { children?: ReactNode }) {
  return <Button onClick={(event) => event.currentTarget.closest("dialog")?.close()}>{children}</Button>;
}

/** The buttons at a dialog's end. */
export function Decide({ children }: { children: ReactNode }) {
  return <div className={styles.decide}>{children}</div>;
}

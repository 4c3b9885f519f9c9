import { useLocation } from "@tanstack/react-router";
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

/** What a dialog shows, given how it is closed. */
type Content = (close: () => void) => ReactNode;

const Opening = createContext<(content: Content) => void>(() => undefined);

/** Opens a dialog. It stays until somebody closes it or goes to another page, also if what it was opened from goes away meanwhile: pages are live. */
export function useDialog(): (content: Content) => void {
  return useContext(Opening);
}

/** Where dialogs are opened. */
export function DialogHost({ children }: { children: ReactNode }) {
  const { pathname } = useLocation();
  const [opened, setOpened] = useState<{ at: string; content: Content } | null>(null);
  const open = useCallback((content: Content) => setOpened({ at: pathname, content }), [pathname]);
  const close = useCallback(() => {
    setOpened(null);
    // The focus goes back by itself to what opened the dialog, if that is still there.
    if (document.activeElement === document.body) {
      document.getElementById("main")?.focus();
    }
  }, []);
  return (
    <Opening value={open}>
      {children}
      {opened?.at === pathname && opened.content(close)}
    </Opening>
  );
}

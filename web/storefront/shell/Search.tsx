import { useNavigate, useRouterState } from "@tanstack/react-router";

import { Button } from "../../shared/ui";
import styles from "./Search.module.css";

/** Searches the whole shop. */
export function Search() {
  const navigate = useNavigate();
  const q = useRouterState({ select: ({ location }) => location.search.q }) ?? "";
  return (
    <search className={styles.search}>
      <form
        action={(words) => {
          const said = String(words.get("q") ?? "").trim();
          void navigate({ to: "/", search: said === "" ? {} : { q: said } });
        }}
      >
        {/* Another page may be about other words. */}
        <input key={q} type="search" name="q" aria-label="Search the shop" placeholder="Search the shop" defaultValue={q} />
        <Button type="submit">Search</Button>
      </form>
    </search>
  );
}

import { useEffect, useState } from "react";

import { keepSession, useSession } from "../../shared/session";
import styles from "./Identity.module.css";
import { type Account, accounts, freshToken, signIn } from "./signIn";

/** How often it is looked whether the token of a demo account is about to expire. */
const lookEveryMs = 20_000;

/** As whom all tabs ask. Whoever is chosen is signed in, in the shop and the console too. */
export function Identity() {
  const session = useSession();
  const [problem, setProblem] = useState<string | null>(null);
  // Who is being signed in.
  const [coming, setComing] = useState<Choice | null>(null);
  useEffect(() => {
    const timer = setInterval(() => void freshToken().catch(() => undefined), lookEveryMs);
    return () => clearInterval(timer);
  }, []);

  async function become(choice: Choice) {
    setProblem(null);
    if (choice.email === null) {
      keepSession(null);
      return;
    }
    setComing(choice);
    try {
      await signIn(choice.email);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setComing(null);
    }
  }

  const present = coming === null ? (session?.email ?? null) : coming.email;
  return (
    <div className={styles.identity}>
      <fieldset className={styles.choices}>
        <legend>Ask as</legend>
        {choices(session).map((choice) => (
          <label key={choice.name} className={styles.choice} title={choice.what}>
            <input type="radio" name="identity" checked={present === choice.email} onChange={() => void become(choice)} />
            <span>{choice.name}</span>
          </label>
        ))}
      </fieldset>
      <p className={styles.told} role="status">
        {coming !== null && `Signing ${coming.name} in…`}
        {coming === null && (problem ?? (session === null ? "Nobody has signed in." : `Signed in as ${session.name}.`))}
      </p>
    </div>
  );
}

type Choice = Omit<Account, "email"> & { email: string | null };

/** The demo accounts, one's own if one has signed in, and nobody. */
function choices(session: { email: string; name: string } | null): Choice[] {
  const own: Choice[] =
    session === null || accounts.some(({ email }) => email === session.email)
      ? []
      : [{ email: session.email, name: session.name, what: session.email }];
  return [...accounts, ...own, { email: null, name: "Nobody", what: "without a token" }];
}

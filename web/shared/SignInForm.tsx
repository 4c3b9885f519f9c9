import { useState } from "react";
import { useClient } from "urql";

import { SignInDocument } from "./gql/graphql";
import styles from "./SignInForm.module.css";
import { keepSession } from "./session";
import { trouble } from "./trouble";
import { Button, Field, Notice, troubleText } from "./ui";

/** Signs somebody in, and then calls back. */
export function SignInForm({ onDone }: { onDone: () => void }) {
  const client = useClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function signIn() {
    setBusy(true);
    const { data, error } = await client.mutation(SignInDocument, { input: { email, password } });
    setBusy(false);
    const went = trouble(error);
    const answer = data?.signIn;
    if (went !== null) {
      setProblem(went.kind === "away" ? "Signing in is not possible at the moment. Try again soon." : troubleText(went));
    } else if (answer?.token && answer.expiresAt && answer.viewer) {
      const { email, name, roles } = answer.viewer;
      keepSession({ token: answer.token, expiresAt: answer.expiresAt, email, name, roles });
      onDone();
    } else {
      setProblem(answer?.userErrors[0]?.message ?? "That did not work.");
    }
  }

  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) {
          void signIn();
        }
      }}
    >
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      <Field label="E-mail address">
        <input type="email" autoComplete="username" required value={email} onChange={(event) => setEmail(event.target.value)} />
      </Field>
      <Field label="Password">
        <input
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <Button type="submit" tone="main" busy={busy}>
        {busy ? "Signing in…" : "Sign in"}
      </Button>
    </form>
  );
}

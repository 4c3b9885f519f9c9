import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { useClient } from "urql";

import { intent, settle } from "../../shared/intent";
import { keepSession } from "../../shared/session";
import { trouble } from "../../shared/trouble";
import { Button, Field, Notice, troubleText } from "../../shared/ui";
import { RegisterDocument } from "../gql/graphql";
import styles from "./Account.module.css";
import { within } from "./back";
import { type Wrong, wrongs } from "./wrongs";

/** Makes an account, signs in, and goes back to where that was needed. */
export function Register() {
  const { back } = getRouteApi("/register").useSearch();
  const router = useRouter();
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Wrong>({});

  async function register(form: HTMLFormElement) {
    const said = new FormData(form);
    const text = (name: string) => String(said.get(name) ?? "").trim();
    const email = text("email");
    const what = `register ${email.toLowerCase()}`;
    setBusy(true);
    const { data, error } = await client.mutation(RegisterDocument, {
      input: {
        email,
        password: String(said.get("password") ?? ""),
        name: text("name"),
        phone: text("phone") || null,
        idempotencyKey: intent(what),
      },
    });
    setBusy(false);
    const went = trouble(error);
    const answer = data?.registerCustomer;
    if (went !== null) {
      setWrong({ "": went.kind === "away" ? "Accounts cannot be made at the moment. Try again soon." : troubleText(went) });
    } else if (answer?.customer && answer.token && answer.expiresAt) {
      settle(what);
      const { email, name } = answer.customer;
      keepSession({ token: answer.token, expiresAt: answer.expiresAt, email, name, roles: ["CUSTOMER"] });
      router.history.replace(within(back));
    } else {
      settle(what);
      refuse(form, wrongs(answer?.userErrors ?? []));
    }
  }

  function refuse(form: HTMLFormElement, wrong: Wrong) {
    setWrong(wrong);
    const first = Object.keys(wrong)[0];
    const control = first ? form.elements.namedItem(first) : null;
    if (control instanceof HTMLElement) {
      control.focus();
    }
  }

  return (
    <div className={styles.narrow}>
      <title>Make an account · Quadrille</title>
      <h1>Make an account</h1>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) {
            void register(event.currentTarget);
          }
        }}
      >
        {wrong[""] && <Notice tone="bad">{wrong[""]}</Notice>}
        <Field label="Your name" wrong={wrong.name}>
          <input name="name" autoComplete="name" required maxLength={200} />
        </Field>
        <Field label="E-mail address" wrong={wrong.email}>
          <input name="email" type="email" autoComplete="username" required />
        </Field>
        <Field label="Password" hint="At least 8 characters." wrong={wrong.password}>
          <input name="password" type="password" autoComplete="new-password" required minLength={8} maxLength={200} />
        </Field>
        <Field label="Telephone number (optional)" wrong={wrong.phone}>
          <input name="phone" type="tel" autoComplete="tel" />
        </Field>
        <Button type="submit" tone="main" busy={busy}>
          {busy ? "Making your account…" : "Make an account"}
        </Button>
      </form>
      <p>
        Been here before?{" "}
        <Link to="/sign-in" search={back === undefined ? {} : { back }}>
          Sign in
        </Link>
      </p>
    </div>
  );
}

import { useState } from "react";
import { useMutation } from "urql";

import { keepSession, session } from "../../shared/session";
import { trouble } from "../../shared/trouble";
import { Button, Field, Notice, troubleText } from "../../shared/ui";
import { UpdateProfileDocument } from "../gql/graphql";
import styles from "./Account.module.css";
import { type Wrong, wrongs } from "./wrongs";

/** Changes name and telephone number. */
export function Profile({ name, phone, onDone }: { name: string; phone: string; onDone: () => void }) {
  const [{ fetching }, update] = useMutation(UpdateProfileDocument);
  const [wrong, setWrong] = useState<Wrong>({});
  const [done, setDone] = useState(false);

  async function save(said: FormData) {
    setDone(false);
    const { data, error } = await update({ input: { name: String(said.get("name")), phone: String(said.get("phone")) } });
    const went = trouble(error);
    const customer = data?.updateProfile.customer;
    if (went !== null) {
      setWrong({
        "": went.kind === "away" ? "Your account cannot be changed at the moment. Try again soon." : troubleText(went),
      });
    } else if (customer) {
      setWrong({});
      setDone(true);
      const signedIn = session();
      if (signedIn !== null) {
        keepSession({ ...signedIn, name: customer.name });
      }
      onDone();
    } else {
      setWrong(wrongs(data?.updateProfile.userErrors ?? []));
    }
  }

  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!fetching) {
          void save(new FormData(event.currentTarget));
        }
      }}
    >
      {wrong[""] && <Notice tone="bad">{wrong[""]}</Notice>}
      <Field label="Name" wrong={wrong.name}>
        <input name="name" autoComplete="name" required maxLength={200} defaultValue={name} />
      </Field>
      <Field label="Telephone number (optional)" wrong={wrong.phone}>
        <input name="phone" type="tel" autoComplete="tel" defaultValue={phone} />
      </Field>
      <div className={styles.actions}>
        <Button type="submit" busy={fetching}>
          {fetching ? "Saving…" : "Save"}
        </Button>
        <p role="status">{done && "Saved."}</p>
      </div>
    </form>
  );
}

import { useRef, useState } from "react";
import { useMutation } from "urql";

import { trouble } from "../../shared/trouble";
import { Button, Notice, troubleText } from "../../shared/ui";
import { AddressFields } from "../address/AddressFields";
import { addressOf } from "../address/address";
import { AddAddressDocument } from "../gql/graphql";
import styles from "./Account.module.css";
import { type Wrong, wrongs } from "./wrongs";

/** Adds an address to those that the customer keeps. */
export function NewAddress({ name, onDone }: { name: string; onDone: () => void }) {
  const [{ fetching }, add] = useMutation(AddAddressDocument);
  const [wrong, setWrong] = useState<Wrong>({});
  const [added, setAdded] = useState(0);
  const details = useRef<HTMLDetailsElement>(null);

  async function save(form: HTMLFormElement) {
    const { data, error } = await add({ input: { address: addressOf(form) } });
    const went = trouble(error);
    if (went !== null) {
      setWrong({ "": went.kind === "away" ? "Addresses cannot be added at the moment. Try again soon." : troubleText(went) });
    } else if (data?.addAddress.address) {
      setWrong({});
      setAdded(added + 1);
      details.current?.removeAttribute("open");
      details.current?.querySelector("summary")?.focus();
      onDone();
    } else {
      setWrong(wrongs(data?.addAddress.userErrors ?? []));
    }
  }

  return (
    <>
      <p role="status">{added > 0 && "The address is added."}</p>
      <details ref={details} className={styles.more}>
        <summary>Add an address</summary>
        <form
          key={added}
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (!fetching) {
              void save(event.currentTarget);
            }
          }}
        >
          {wrong[""] && <Notice tone="bad">{wrong[""]}</Notice>}
          <AddressFields address={{ name }} wrong={wrong} />
          <Button type="submit" busy={fetching}>
            {fetching ? "Adding…" : "Add this address"}
          </Button>
        </form>
      </details>
    </>
  );
}

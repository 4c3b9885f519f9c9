import { useEffect, useRef, useState } from "react";
import { useClient, useQuery } from "urql";

import { useSession } from "../../shared/session";
import { trouble } from "../../shared/trouble";
import { Button, Notice } from "../../shared/ui";
import type { Wrong } from "../account/wrongs";
import { AddressFields } from "../address/AddressFields";
import { AddressLines } from "../address/AddressLines";
import { type Address, addressOf, bare, isSame } from "../address/address";
import { AccountDocument, AddAddressDocument } from "../gql/graphql";
import styles from "./Checkout.module.css";
import type { Draft } from "./draft";
import { Sandbox } from "./Sandbox";

type Kept = Address & { id: string };

/** Where the order goes: an address that the customer keeps, or another. */
export function AddressStep({ draft, wrong, onDone }: { draft: Draft; wrong: Wrong; onDone: (to: Address) => void }) {
  const [{ data, error, fetching }] = useQuery({ query: AccountDocument, requestPolicy: "cache-and-network" });
  if (fetching && !data) {
    return (
      <div className={styles.step}>
        <h1>Where shall it go?</h1>
        <p role="status">Looking up your addresses…</p>
      </div>
    );
  }
  const known = data?.viewer?.customer?.addresses ?? [];
  return (
    <div className={styles.step}>
      <h1>Where shall it go?</h1>
      {trouble(error) !== null && (
        <Notice tone="undo">
          <p>The addresses in your account cannot be looked up at the moment. Write down where it shall go.</p>
        </Notice>
      )}
      <AddressForm draft={draft} known={known} wrong={wrong} onDone={onDone} />
    </div>
  );
}

const another = "another";

function AddressForm({
  draft,
  known,
  wrong,
  onDone,
}: {
  draft: Draft;
  known: Kept[];
  wrong: Wrong;
  onDone: (to: Address) => void;
}) {
  const client = useClient();
  const name = useSession()?.name;
  const form = useRef<HTMLFormElement>(null);
  const said = draft.address;
  const [choice, setChoice] = useState(() => {
    const chosen = said ? known.find((address) => isSame(address, said)) : known[0];
    return Object.keys(wrong).length > 0 || !chosen ? another : chosen.id;
  });
  const kept = known.find(({ id }) => id === choice);

  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, []);

  function go(form: HTMLFormElement) {
    const address = kept ? bare(kept) : addressOf(form);
    if (!kept && new FormData(form).has("keep") && !known.some((other) => isSame(other, address))) {
      // The order does not wait for it, nor fail with it.
      void client.mutation(AddAddressDocument, { input: { address } }).toPromise();
    }
    onDone(address);
  }

  return (
    <form
      ref={form}
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        go(event.currentTarget);
      }}
    >
      {known.length > 0 && (
        <fieldset className={styles.choices}>
          <legend>Your addresses</legend>
          {known.map((address) => (
            <label key={address.id}>
              <input type="radio" name="to" checked={choice === address.id} onChange={() => setChoice(address.id)} />
              <AddressLines address={address} />
            </label>
          ))}
          <label>
            <input type="radio" name="to" checked={choice === another} onChange={() => setChoice(another)} />
            Another address
          </label>
        </fieldset>
      )}
      {!kept && (
        <>
          <AddressFields address={said ?? { name: name ?? "" }} wrong={wrong} />
          <label className={styles.check}>
            <input type="checkbox" name="keep" />
            Keep this address in my account
          </label>
        </>
      )}
      <Sandbox>
        Nothing is really sent. The carrier does not deliver to postal code <code>00000</code>: order there to watch an order
        being undone.
      </Sandbox>
      <Button type="submit" tone="main">
        {draft.card === undefined ? "Go on to payment" : "Go on to review"}
      </Button>
    </form>
  );
}

import { Link, useNavigate } from "@tanstack/react-router";
import { useQuery } from "urql";

import { keepSession } from "../../shared/session";
import { trouble } from "../../shared/trouble";
import { Button, buttonClass, Notice, troubleText } from "../../shared/ui";
import { AddressLines } from "../address/AddressLines";
import { useAgain } from "../goods/again";
import { AccountDocument, type AccountQuery, type Tier } from "../gql/graphql";
import styles from "./Account.module.css";
import { NewAddress } from "./NewAddress";
import { Profile } from "./Profile";
import { SignedIn } from "./SignedIn";

/** What the shop knows of whoever has signed in, and the way to change it. */
export function Account() {
  return (
    <SignedIn>
      <title>Your account · Quadrille</title>
      <h1>Your account</h1>
      <Yours />
    </SignedIn>
  );
}

function Yours() {
  const [{ data, error, fetching }, refetch] = useQuery({ query: AccountDocument, requestPolicy: "cache-and-network" });
  const navigate = useNavigate();
  const went = trouble(error);
  useAgain(went, refetch);
  const viewer = data?.viewer;
  return (
    <div className={styles.account}>
      {fetching && !data && <p role="status">Looking up your account…</p>}
      {went !== null && (
        <Notice tone="undo">
          <p>
            {went.kind === "away"
              ? "Your account cannot be shown in full at the moment. We try again every few seconds."
              : troubleText(went)}
          </p>
        </Notice>
      )}
      {viewer?.customer && <Customer customer={viewer.customer} refetch={() => refetch({ requestPolicy: "network-only" })} />}
      {viewer && !viewer.customer && went === null && (
        <p>
          {viewer.email} runs the shop and buys nothing here. What there is to see is in the <a href="/console">console</a>.
        </p>
      )}
      <div className={styles.actions}>
        <Link to="/orders" className={buttonClass}>
          Your orders
        </Link>
        <Button
          onClick={() => {
            keepSession(null);
            void navigate({ to: "/" });
          }}
        >
          Sign out
        </Button>
      </div>
    </div>
  );
}

const tiers: Record<Tier, string> = {
  STANDARD: "Standard: you pay list prices.",
  PREMIUM: "Premium: you pay less than list prices.",
  VIP: "VIP: you pay the least of all.",
};

type Known = NonNullable<NonNullable<AccountQuery["viewer"]>["customer"]>;

function Customer({ customer, refetch }: { customer: Known; refetch: () => void }) {
  return (
    <>
      <section className={styles.sheet} aria-labelledby="profile">
        <h2 id="profile">You</h2>
        <p>{tiers[customer.tier]}</p>
        <Profile name={customer.name} phone={customer.phone ?? ""} onDone={refetch} />
      </section>
      <section className={styles.sheet} aria-labelledby="addresses">
        <h2 id="addresses">Your addresses</h2>
        {customer.addresses.length === 0 && <p>There are none yet. Keep one here, and checkout offers it.</p>}
        <ul className={styles.addresses}>
          {customer.addresses.map((address) => (
            <li key={address.id}>
              <AddressLines address={address} />
            </li>
          ))}
        </ul>
        <NewAddress name={customer.name} onDone={refetch} />
      </section>
    </>
  );
}

import { getRouteApi, Link } from "@tanstack/react-router";
import { useRef, useState } from "react";

import { useSession } from "../../shared/session";
import { buttonClass, Notice, troubleText, unseenClass } from "../../shared/ui";
import { SignedIn } from "../account/SignedIn";
import { Returns } from "../returns/Returns";
import { Cancel } from "./Cancel";
import { clock, dayOf } from "./clock";
import { History } from "./History";
import type { Known } from "./known";
import styles from "./OrderPage.module.css";
import { Particulars } from "./Particulars";
import { standing } from "./standing";
import { Tracker } from "./Tracker";
import { type Story, tellFact, tellOrder } from "./tell";
import { useOrder, type Watched } from "./useOrder";

/** One order, live. */
export function OrderPage() {
  const { id } = getRouteApi("/orders/$id").useParams();
  return (
    <SignedIn>
      <Order key={id} id={id} />
    </SignedIn>
  );
}

function Order({ id }: { id: string }) {
  const watched = useOrder(id);
  const { known, missing, trouble, ask } = watched;
  const story = tellOrder(known);
  const title = known.order ? `Order ${known.order.number}` : "Your order";
  if (missing) {
    return <NoOrder />;
  }
  return (
    <>
      <title>{`${story ? `${story.headline} · ` : ""}${title} · Quadrille`}</title>
      <header className={styles.head}>
        <Link to="/orders" className={styles.up}>
          Your orders
        </Link>
        <h1>{title}</h1>
        {known.order && (
          <p className={styles.placed}>
            Placed on {dayOf(known.order.placedAt)} at {clock(known.order.placedAt)}
          </p>
        )}
      </header>
      {trouble?.kind === "signed out" ? (
        <Notice tone="undo">
          <p>
            You are not signed in any more, so nothing new comes in.{" "}
            <Link to="/sign-in" search={{ back: `/orders/${id}` }}>
              Sign in again
            </Link>{" "}
            to go on watching.
          </p>
        </Notice>
      ) : (
        trouble !== null && (
          <Notice tone="undo">
            <p>
              {troubleText(trouble)} {story === null ? "We keep trying." : "Below is what was known last. We keep trying."}
            </p>
          </Notice>
        )
      )}
      {known.order === null && story !== null && (
        <Notice tone="undo">
          <p>
            What you ordered is not known at the moment: the order desk does not answer. How far your order has come is known.
          </p>
        </Notice>
      )}
      {story === null ? (
        trouble === null && <p role="status">Fetching your order…</p>
      ) : (
        <Progress id={id} watched={watched} story={story} />
      )}
      {known.order && <Returns order={known.order} away={known.away} onRest={ask} />}
      {story !== null && (
        <div className={styles.more}>
          <History known={known} />
          {known.order && <Particulars order={known.order} whole={known.whole} away={known.away} />}
        </div>
      )}
    </>
  );
}

function Progress({ id, watched: { known, live, ask }, story }: { id: string; watched: Watched; story: Story }) {
  const headline = useRef<HTMLHeadingElement>(null);
  const how = standing(known);
  const sent = known.order?.status === "FULFILLED";
  return (
    <section className={styles.progress} aria-labelledby="story">
      <div className={styles.story} data-tone={story.tone}>
        <h2 id="story" className={styles.headline} tabIndex={-1} ref={headline}>
          {story.headline}
        </h2>
        {story.sentences.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
        {story.waitsFor !== null && (
          <p className={styles.waits}>
            Waiting for {story.waitsFor}.
            {story.until !== null && (
              <>
                {" "}
                If that is not done by <time dateTime={story.until.at}>{clock(story.until.at)}</time>, {story.until.otherwise}.
              </>
            )}
          </p>
        )}
      </div>
      <Liveness live={live} known={known} />
      <Announcement known={known} />
      <Tracker known={known} />
      <div className={styles.actions}>
        <Cancel
          id={id}
          possible={how.cancellable}
          sent={sent}
          onDone={() => {
            ask();
            headline.current?.focus();
          }}
        />
        {sent && (
          <Link to="/orders/$id/return" params={{ id }} className={buttonClass}>
            Send something back
          </Link>
        )}
      </div>
    </section>
  );
}

/** Whether what is shown is how things are, or how they were. */
function Liveness({ live, known }: { live: Watched["live"]; known: Known }) {
  const silent = known.away.includes("chronicle");
  return (
    <p className={styles.live} data-live={live === "yes" && !silent} role="status">
      {live === "no"
        ? "Reconnecting… This is what was known last; whatever happens meanwhile is told afterwards."
        : silent
          ? "The order's history does not answer at the moment. This is what each of the others says of its own part."
          : live === "yes"
            ? "Live: changes show here as they happen."
            : ""}
    </p>
  );
}

/** Says aloud what happens while the page is open. What it comes to is in the page's title, which is read out as well. */
function Announcement({ known }: { known: Known }) {
  const [before] = useState(known.facts.length);
  const latest = known.facts.length > before ? known.facts.at(-1) : undefined;
  return (
    <p className={unseenClass} role="status" data-testid="announcement">
      {latest && tellFact(latest, known).sentence}
    </p>
  );
}

function NoOrder() {
  const session = useSession();
  return (
    <>
      <title>No such order · Quadrille</title>
      <h1>There is no such order here</h1>
      <p>It does not exist, or it was placed with another account. You are signed in as {session?.email}.</p>
      <p>
        <Link to="/orders">Your orders</Link>
      </p>
    </>
  );
}

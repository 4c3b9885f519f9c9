import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { isSome, money } from "../../shared/money";
import { unseenClass } from "../../shared/ui";
import type { InvoiceStatus, OrderWholeFragment, PaymentStatus, ReservationStatus, ShipmentStatus } from "../gql/graphql";
import { clock, dayOf } from "./clock";
import { contextName } from "./contexts";
import styles from "./Particulars.module.css";

/** What was ordered, and how each context's part of it stands. */
export function Particulars({ order, whole, away }: { order: OrderWholeFragment; whole: boolean; away: string[] }) {
  const { payment, invoice, shipment, cancellation, reservation, shippingAddress, creditNotes } = order;
  return (
    <section aria-labelledby="particulars" className={styles.particulars}>
      <h2 id="particulars">What you ordered</h2>
      <Lines order={order} namesUnknown={away.includes("catalog")} />
      <dl className={styles.parts}>
        <Part title="Goes to">
          <address className={styles.address}>
            {shippingAddress.name}
            <br />
            {shippingAddress.street}
            <br />
            {shippingAddress.postalCode} {shippingAddress.city}
            <br />
            {country(shippingAddress.countryCode)}
          </address>
        </Part>
        {cancellation && (
          <Part title="Cancelled">
            <p>
              {cancellers[cancellation.cancelledBy]} on {dayOf(cancellation.cancelledAt)} at {clock(cancellation.cancelledAt)}
            </p>
            {cancellation.detail && <p className={styles.soft}>“{cancellation.detail}”</p>}
          </Part>
        )}
        <Part title="Items" context="inventory" whole={whole} away={away} none="The stockroom has not heard of it yet.">
          {reservation && <p>{reservations[reservation.status]}</p>}
        </Part>
        <Part title="Payment" context="billing" whole={whole} away={away} none="Nothing was charged yet.">
          {payment && (
            <>
              <p>
                {money(payment.amount)}: {payments[payment.status]}
              </p>
              {isSome(payment.refunded) && payment.status !== "REFUNDED" && (
                <p>{money(payment.refunded)} returned to your card</p>
              )}
              {payment.attempts > 1 && (
                <p className={styles.soft}>Your bank was asked {payment.attempts} times, and charged you once at most.</p>
              )}
            </>
          )}
        </Part>
        <Part title="Invoice" context="billing" whole={whole} away={away} none="Not written yet.">
          {invoice && (
            <p>
              {invoice.number}, {invoices[invoice.status]}
            </p>
          )}
        </Part>
        <Part title="Shipment" context="fulfillment" whole={whole} away={away} none="Nothing to send yet.">
          {shipment && (
            <>
              <p>{shipments[shipment.status]}</p>
              {shipment.carrier && <p>{shipment.carrier}</p>}
              {shipment.trackingNumber && (
                <p>
                  Tracking number <code>{shipment.trackingNumber}</code>
                </p>
              )}
            </>
          )}
        </Part>
        {creditNotes && creditNotes.length > 0 && (
          <Part title="Credit notes">
            {creditNotes.map((note) => (
              <p key={note.number}>
                {note.number}: {money(note.amount)}
              </p>
            ))}
          </Part>
        )}
      </dl>
    </section>
  );
}

/** A part of the order. When its context does not answer it says so, and shows what it said before. */
function Part({
  title,
  context,
  whole = true,
  away = [],
  none,
  children,
}: {
  title: string;
  context?: string;
  whole?: boolean;
  away?: string[];
  none?: string;
  children: ReactNode;
}) {
  const silent = context !== undefined && away.includes(context);
  return (
    <div className={styles.part}>
      <dt>{title}</dt>
      <dd>
        {children ||
          (silent ? null : (
            <p className={styles.soft}>{whole || context === undefined ? none : `Asking ${contextName(context)}…`}</p>
          ))}
        {silent && (
          <p className={styles.silent}>
            {children ? "As it was last" : "Not known at the moment"} ({contextName(context)} does not answer)
          </p>
        )}
      </dd>
    </div>
  );
}

function Lines({ order, namesUnknown }: { order: OrderWholeFragment; namesUnknown: boolean }) {
  return (
    <>
      <table className={styles.lines}>
        <caption className={unseenClass}>Lines of the order</caption>
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">Price</th>
          </tr>
        </thead>
        <tbody>
          {order.lines.map(({ sku, quantity, unitPrice, lineTotal, product }) => (
            <tr key={sku}>
              <td>
                <Link to="/products/$sku" params={{ sku }}>
                  {product?.name ?? sku}
                </Link>
                <span className={styles.each}>
                  {quantity} × {money(unitPrice)}
                </span>
              </td>
              <td>{money(lineTotal)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          {isSome(order.discount) && (
            <tr>
              <th scope="row">Promotion</th>
              <td>−{money(order.discount)}</td>
            </tr>
          )}
          <tr className={styles.total}>
            <th scope="row">Total</th>
            <td>{money(order.total)}</td>
          </tr>
        </tfoot>
      </table>
      {namesUnknown && <p className={styles.silent}>Some names are missing: the catalog does not answer at the moment.</p>}
      {order.pricedFrom === "CACHED" && (
        <p className={styles.soft}>
          Pricing did not answer when you ordered, so these are the prices that it had announced last.
        </p>
      )}
    </>
  );
}

const regions = new Intl.DisplayNames("en-GB", { type: "region" });

function country(code: string): string {
  return regions.of(code) ?? code;
}

const cancellers = { CUSTOMER: "By you", SYSTEM: "Automatically", OPERATOR: "By the shop" };

const reservations: Record<ReservationStatus, string> = {
  PENDING: "Being looked for",
  RESERVED: "Set aside for you",
  REJECTED: "Not enough in stock",
  DEDUCTED: "Taken from the shelf",
  RELEASED: "Not held any more",
  REINSTATED: "Back on the shelf",
};

const payments: Record<PaymentStatus, string> = {
  PENDING: "not charged yet",
  CHARGING: "your bank is being asked",
  CAPTURED: "paid by card",
  DECLINED: "declined, nothing charged",
  VOIDED: "called off, nothing charged",
  REFUNDING: "on its way back to your card",
  REFUNDED: "returned to your card",
};

const invoices: Record<InvoiceStatus, string> = { ISSUED: "written", VOIDED: "voided" };

const shipments: Record<ShipmentStatus, string> = {
  PENDING: "Not booked yet",
  BOOKING: "The carrier is being asked",
  ARRANGED: "The carrier is booked",
  FAILED: "The carrier can't deliver there",
  CANCELLING: "The carrier is being told not to come",
  CANCELLED: "Called off",
  DISPATCHED: "Handed to the carrier",
  DELIVERED: "Delivered",
};

import styles from "./Address.module.css";
import type { Address } from "./address";
import { country } from "./countries";

/** An address as it is written on a parcel. */
export function AddressLines({ address: { name, street, city, postalCode, countryCode } }: { address: Address }) {
  return (
    <span className={styles.lines}>
      <strong>{name}</strong>
      <span>{street}</span>
      <span>
        {postalCode} {city}
      </span>
      <span>{country(countryCode)}</span>
    </span>
  );
}

import { Field } from "../../shared/ui";
import type { Wrong } from "../account/wrongs";
import styles from "./Address.module.css";
import type { Address } from "./address";
import { countries } from "./countries";

/** The fields of an address, called as its parts are, for a form to hold. */
export function AddressFields({ address, wrong = {} }: { address?: Partial<Address> | undefined; wrong?: Wrong }) {
  return (
    <div className={styles.fields}>
      <Field label="Name" wrong={wrong.name}>
        <input name="name" autoComplete="shipping name" required maxLength={200} defaultValue={address?.name} />
      </Field>
      <Field label="Street and number" wrong={wrong.street}>
        <input name="street" autoComplete="shipping address-line1" required maxLength={200} defaultValue={address?.street} />
      </Field>
      <div className={styles.town}>
        <Field label="Postal code" wrong={wrong.postalCode}>
          <input
            name="postalCode"
            autoComplete="shipping postal-code"
            required
            maxLength={20}
            defaultValue={address?.postalCode}
          />
        </Field>
        <Field label="Town" wrong={wrong.city}>
          <input name="city" autoComplete="shipping address-level2" required maxLength={100} defaultValue={address?.city} />
        </Field>
      </div>
      <Field label="Country" wrong={wrong.countryCode}>
        <select name="countryCode" autoComplete="shipping country" required defaultValue={address?.countryCode ?? "GB"}>
          {countries.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </Field>
    </div>
  );
}

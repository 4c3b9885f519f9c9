/** Where something is sent to. */
export type Address = { name: string; street: string; city: string; postalCode: string; countryCode: string };

/** What of something is its address. */
export function bare({ name, street, city, postalCode, countryCode }: Address): Address {
  return { name, street, city, postalCode, countryCode };
}

/** Whether two addresses are one. */
export function isSame(one: Address, other: Address): boolean {
  return JSON.stringify(bare(one)) === JSON.stringify(bare(other));
}

/** What a form with the fields of an address says. */
export function addressOf(form: HTMLFormElement): Address {
  const said = new FormData(form);
  const text = (name: keyof Address) => String(said.get(name) ?? "").trim();
  return {
    name: text("name"),
    street: text("street"),
    city: text("city"),
    postalCode: text("postalCode"),
    countryCode: text("countryCode"),
  };
}

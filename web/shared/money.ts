/** An amount as the gateway has it: a decimal in the currency's major unit. */
export type Money = { amount: string; currencyCode: string };

/** As people write it: £12.40. */
export function money({ amount, currencyCode }: Money): string {
  // Formatting takes a decimal as text, so that no digit is lost to binary fractions.
  return new Intl.NumberFormat("en-GB", { style: "currency", currency: currencyCode }).format(
    amount as Intl.StringNumericLiteral,
  );
}

/** Whether there is anything of it. */
export function isSome({ amount }: Money): boolean {
  return /[1-9]/.test(amount);
}

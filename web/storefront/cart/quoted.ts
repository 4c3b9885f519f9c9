import { useQuery } from "urql";

import { type Trouble, trouble } from "../../shared/trouble";
import { useAgain } from "../goods/again";
import { QuoteDocument, type QuoteQuery } from "../gql/graphql";
import { asked, type Cart } from "./cart";
import { type Problems, problems } from "./problems";

/** What a cart would cost now. */
export type Quoted = {
  /** The prices; null while they are not known. */
  quote: NonNullable<QuoteQuery["quote"]> | null;
  /** What of the cart cannot be ordered as it is. */
  problems: Problems;
  /** Whether it is being asked for. */
  fetching: boolean;
  trouble: Trouble | null;
  again: () => void;
};

/** What the cart costs whoever has signed in, as of now and of every change of it. */
export function useQuote(cart: Cart): Quoted {
  const input = asked(cart);
  const [{ data, error, fetching }, refetch] = useQuery({
    query: QuoteDocument,
    variables: { input },
    requestPolicy: "cache-and-network",
    pause: cart.lines.length === 0,
  });
  const went = trouble(error);
  useAgain(went, refetch);
  const quote = data?.quote ?? null;
  return {
    quote: quote?.total ? quote : null,
    // While another quote is fetched, this one's paths lead elsewhere.
    problems: problems(fetching ? [] : (quote?.userErrors ?? []), input),
    fetching,
    trouble: went,
    again: () => refetch({ requestPolicy: "network-only" }),
  };
}

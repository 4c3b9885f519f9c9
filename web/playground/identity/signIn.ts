import { SignInDocument } from "../../shared/gql/graphql";
import { keepSession, session } from "../../shared/session";
import { ask } from "../ask";

/** An account that every stack for trying out has. */
export type Account = { email: string; name: string; what: string };

/** The demo accounts, and what each is good for. */
export const accounts: Account[] = [
  { email: "ada@quadrille.test", name: "Ada", what: "a customer" },
  { email: "grace@quadrille.test", name: "Grace", what: "a customer, VIP" },
  { email: "olga@quadrille.test", name: "Olga", what: "an operator" },
];

/** The password of all of them. */
export const password = "quadrille";

/** Signs one of the accounts in, for the shop and the console as well. */
export async function signIn(email: string) {
  const { signIn } = await ask(SignInDocument, { input: { email, password } });
  if (!keepSignIn(signIn)) {
    throw new Error(signIn.userErrors[0]?.message ?? "Signing in did not work.");
  }
}

/** Remembers whom an answer has signed in, if it has. */
export function keepSignIn(answer: unknown): boolean {
  const { token, expiresAt, viewer } = (answer ?? {}) as Partial<{ token: unknown; expiresAt: unknown; viewer: unknown }>;
  const { email, name, roles } = (viewer ?? {}) as Partial<{ email: unknown; name: unknown; roles: unknown }>;
  if (
    typeof token !== "string" ||
    typeof expiresAt !== "string" ||
    typeof email !== "string" ||
    typeof name !== "string" ||
    !Array.isArray(roles)
  ) {
    return false;
  }
  keepSession({ token, expiresAt, email, name, roles });
  return true;
}

/** The token of whoever has signed in; null if nobody has. Demo accounts are signed in again before it expires. */
export async function freshToken(): Promise<string | null> {
  const known = session();
  if (known === null) {
    return null;
  }
  const soon = Date.parse(known.expiresAt) - Date.now() < 60_000;
  if (soon && accounts.some(({ email }) => email === known.email)) {
    await signIn(known.email);
  }
  return session()?.token ?? null;
}

import type { UserErrorCode } from "../gql/graphql";

/** What is wrong with a form, by the name of the control; under no name what is about all of it. */
export type Wrong = Record<string, string>;

/** What the gateway finds wrong with a form whose controls are called as the input's fields are. */
export function wrongs(refusals: { code: UserErrorCode; message: string; path: string[] }[]): Wrong {
  const found: Wrong = {};
  for (const { code, message, path } of refusals) {
    const about = code === "IDEMPOTENCY_CONFLICT" ? "" : (path.at(-1) ?? "");
    found[about] ??= text(code, message);
  }
  return found;
}

function text(code: UserErrorCode, message: string): string {
  switch (code) {
    case "EMAIL_TAKEN":
      return "There is an account with this e-mail address already. Sign in instead.";
    case "IDEMPOTENCY_CONFLICT":
      return "Your account has been made with what you said at first. Sign in with that.";
    default:
      return message;
  }
}

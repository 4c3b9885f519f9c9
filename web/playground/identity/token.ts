/** What a token says of whom it is for, unverified: the gateway verifies it. */
export type Claims = { sub: string; operator: boolean };

/** The claims of what a header Authorization says; null if that is no token. */
export function claims(authorization: string | undefined): Claims | null {
  const payload = /^Bearer [\w-]+\.([\w-]+)\.[\w-]*$/i.exec(authorization ?? "")?.[1];
  if (payload === undefined) {
    return null;
  }
  try {
    const { sub, roles } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as Record<string, unknown>;
    return typeof sub === "string" ? { sub, operator: Array.isArray(roles) && roles.includes("OPERATOR") } : null;
  } catch {
    return null;
  }
}

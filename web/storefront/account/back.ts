/** Where to go back to after signing in. Only within this site: an address that someone sent must not lead elsewhere. */
export function within(back: string | undefined): string {
  return back !== undefined && /^\/(?![/\\])/.test(back) ? back : "/";
}

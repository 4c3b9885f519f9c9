/** How long, in the two largest units of which there are any: 3.2 s, 2 min 5 s, 4 h. */
export function duration(seconds: number): string {
  const long = Math.max(0, seconds);
  if (long < 10) {
    return `${Math.round(long * 10) / 10} s`;
  }
  const whole = Math.round(long);
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

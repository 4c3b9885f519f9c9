import { useEffect, useState } from "react";

/** The present, again and again. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** How long ago, or in how long, in the largest unit of which there is one: 3 minutes ago. */
export function fromNow(at: string | number, now: number): string {
  const distance = new Date(at).getTime() - now;
  const [unit, size] = units.find(([, size]) => Math.abs(distance) >= size) ?? ["second", 1000];
  return relative.format(Math.round(distance / size), unit);
}

/** A moment, told from now. The exact time is its title. */
export function Moment({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" })}>
      {fromNow(at, now)}
    </time>
  );
}

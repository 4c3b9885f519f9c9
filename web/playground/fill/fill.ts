const place = /\{\{\s*([a-zA-Z]+)\s*\}\}/g;

/** The names in double braces in the texts of a value, each once. */
export function names(value: unknown): string[] {
  if (typeof value === "string") {
    return [...new Set([...value.matchAll(place)].map(([, name]) => name as string))];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return [...new Set(Object.values(value).flatMap(names))];
}

/** A value with what there is for the names in its texts in their places; other names stay as they are. */
export function fill<Value>(value: Value, values: Readonly<Record<string, string>>): Value {
  if (typeof value === "string") {
    return value.replaceAll(place, (whole, name: string) => values[name] ?? whole) as Value;
  }
  if (Array.isArray(value)) {
    return value.map((element) => fill(element, values)) as Value;
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, fill(element, values)])) as Value;
}

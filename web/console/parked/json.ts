/**
 * JSON with a line for each value. Only what is between values changes: numbers keep all their digits, which JavaScript would round.
 * Text that is no JSON stays as it is.
 */
export function formatted(json: string): string {
  if (problem(json) !== null) {
    return json;
  }
  let out = "";
  let depth = 0;
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  tokens.forEach((token, at) => {
    const next = tokens[at + 1];
    if (token === "{" || token === "[") {
      const isEmpty = next === "}" || next === "]";
      depth += isEmpty ? 0 : 1;
      out += isEmpty ? token : token + newLine(depth);
    } else if (token === "}" || token === "]") {
      const wasEmpty = tokens[at - 1] === "{" || tokens[at - 1] === "[";
      depth -= wasEmpty ? 0 : 1;
      out += wasEmpty ? token : newLine(depth) + token;
    } else if (token === ",") {
      out += token + newLine(depth);
    } else {
      out += token === ":" ? ": " : token;
    }
  });
  return out;
}

function newLine(depth: number): string {
  return `\n${"  ".repeat(depth)}`;
}

/** Why a text is no JSON; null if it is. */
export function problem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

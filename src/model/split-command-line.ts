/**
 * Splits a command line into arguments as a POSIX shell does (quotes, backslashes), but without expansion or operators.
 * Compose treats a `command:` string the same way. The end of the line closes an open quote.
 */
export function splitCommandLine(line: string): readonly string[] {
  const found: string[] = [];
  const pattern = /(?:[^\s"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"?|'[^']*'?)+/g;
  for (const [word] of line.matchAll(pattern)) found.push(unquote(word));
  return found;
}

function unquote(word: string): string {
  return word.replace(
    /\\([\s\S])|"((?:[^"\\]|\\[\s\S])*)"?|'([^']*)'?/g,
    (_, escaped?: string, double?: string, single?: string) => {
      if (escaped !== undefined) return escaped;
      return double !== undefined ? double.replace(/\\(["\\$`])/g, '$1') : (single ?? '');
    },
  );
}

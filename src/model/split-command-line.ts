/**
 * Splits a command line into words the way a POSIX shell does (quotes, backslashes), without running one:
 * no expansion, no operators. Compose treats a `command:` string the same way. An open quote is closed by the end.
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

/** Ends of parts of an SQL text: the offset after them, or the end of the text if they are not closed. */

/** Of a quoted part without escapes. A doubled quote counts as two adjacent parts, which splits the same way. */
export function endOf(text: string, closing: string, from: number): number {
  const found = text.indexOf(closing, from);
  return found < 0 ? text.length : found + closing.length;
}

/** Of a quoted part with backslash escapes. */
export function endOfEscapes(text: string, quote: string, from: number): number {
  const closing = new RegExp(`\\\\[\\s\\S]|${quote}`, 'g');
  closing.lastIndex = from;
  for (let match = closing.exec(text); match !== null; match = closing.exec(text)) {
    if (match[0] === quote) return closing.lastIndex;
  }
  return text.length;
}

/** Of a comment, which may be nested. */
export function endOfNested(text: string, from: number): number {
  const bracket = /\/\*|\*\//g;
  bracket.lastIndex = from;
  let depth = 1;
  for (let match = bracket.exec(text); match !== null; match = bracket.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return bracket.lastIndex;
  }
  return text.length;
}

/** Of a line: the offset of its newline. */
export function endOfLine(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found < 0 ? text.length : found;
}

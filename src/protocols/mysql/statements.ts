/** One statement of an SQL text, cut as the mysql client cuts it, DELIMITER lines included; offsets count UTF-16 units. */
export interface Statement {
  readonly start: number;
  /** Without its delimiter. */
  readonly end: number;
  /** In lower case; empty where the statement begins with something else. */
  readonly firstWord: string;
}

/** Yields the statements of `text` in order. */
export function* statements(text: string): Generator<Statement> {
  let token = tokenOf(';');
  let start = -1;
  let firstWord = '';
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const { index } = match;
    const { delimiter = '', comment = '', quote = '', word = '' } = match.groups ?? {};
    if (delimiter !== '') {
      if (start >= 0) yield { start, end: index, firstWord };
      start = -1;
    } else if (comment !== '') {
      token.lastIndex = endOfComment(text, index, comment);
      // A comment that a server of the right version executes.
      if (start < 0 && /^\/\*M?!/.test(text.slice(index, index + 4))) [start, firstWord] = [index, '/*!'];
    } else if (start < 0 && /^delimiter$/i.test(word)) {
      const end = endOfLine(text, index);
      token = tokenOf(text.slice(index + word.length, end).trim().split(/\s/, 1)[0] || ';');
      token.lastIndex = end;
    } else {
      if (start < 0) [start, firstWord] = [index, word.toLowerCase()];
      if (quote !== '') token.lastIndex = endOfQuote(text, index + 1, quote);
    }
  }
  if (start >= 0) yield { start, end: text.trimEnd().length, firstWord };
}

/** What can stand in a text; `--` is a comment only before white space. */
function tokenOf(delimiter: string): RegExp {
  const literal = delimiter.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return new RegExp(`(?<delimiter>${literal})|(?<comment>--(?=\\s|$)|#|/\\*)|(?<quote>['"\`])|(?<word>[a-z_][\\w$]*)|\\S`, 'gi');
}

function endOfComment(text: string, from: number, opening: string): number {
  if (opening !== '/*') return endOfLine(text, from);
  const found = text.indexOf('*/', from + 2);
  return found < 0 ? text.length : found + 2;
}

/** A doubled quote reads as two neighbouring strings, which cuts the same. */
function endOfQuote(text: string, from: number, quote: string): number {
  const closing = quote === '`' ? /`/g : quote === "'" ? /\\[\s\S]|'/g : /\\[\s\S]|"/g;
  closing.lastIndex = from;
  for (let match = closing.exec(text); match !== null; match = closing.exec(text)) {
    if (match[0] === quote) return closing.lastIndex;
  }
  return text.length;
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found < 0 ? text.length : found;
}

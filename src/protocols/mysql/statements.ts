import { endOf, endOfEscapes, endOfLine } from '../shared/sql-lexer.js';

/** One statement of an SQL text as the mysql client splits it, DELIMITER lines included; offsets count UTF-16 units. */
export interface MysqlStatement {
  readonly start: number;
  /** Without its delimiter. */
  readonly end: number;
  /** In lower case; empty if the statement starts with something else. */
  readonly firstWord: string;
}

/** Yields the statements of `text` in order. */
export function* statements(text: string): Generator<MysqlStatement> {
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
      // A comment that servers of some versions execute.
      if (start < 0 && /^\/\*M?!/.test(text.slice(index, index + 4))) [start, firstWord] = [index, '/*!'];
    } else if (start < 0 && /^delimiter$/i.test(word)) {
      const end = endOfLine(text, index);
      token = tokenOf(
        text
          .slice(index + word.length, end)
          .trim()
          .split(/\s/, 1)[0] || ';',
      );
      token.lastIndex = end;
    } else {
      if (start < 0) [start, firstWord] = [index, word.toLowerCase()];
      if (quote !== '') token.lastIndex = endOfQuote(text, index + 1, quote);
    }
  }
  if (start >= 0) yield { start, end: text.trimEnd().length, firstWord };
}

/** The tokens of a text; `--` is a comment only before white space. */
function tokenOf(delimiter: string): RegExp {
  const literal = delimiter.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return new RegExp(
    `(?<delimiter>${literal})|(?<comment>--(?=\\s|$)|#|/\\*)|(?<quote>['"\`])|(?<word>[a-z_][\\w$]*)|\\S`,
    'gi',
  );
}

function endOfComment(text: string, from: number, opening: string): number {
  return opening === '/*' ? endOf(text, '*/', from + 2) : endOfLine(text, from);
}

function endOfQuote(text: string, from: number, quote: string): number {
  return quote === '`' ? endOf(text, quote, from) : endOfEscapes(text, quote, from);
}

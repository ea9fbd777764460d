import { endOf, endOfEscapes, endOfLine, endOfNested } from '../shared/sql-lexer.js';

/** One statement of an SQL text as psql splits it (src/fe_utils/psqlscan.l); offsets count UTF-16 units. */
export interface PostgresStatement {
  /** First character of its first word. */
  readonly start: number;
  /** After its semicolon, or the end of the text. */
  readonly end: number;
  /** Its leading words in lower case, at most four. */
  readonly words: readonly string[];
  /** The rows after a `COPY … FROM stdin;`, without the closing `\.`; null: no rows. `closed`: the `\.` was found. */
  readonly data: { readonly start: number; readonly end: number; readonly closed: boolean } | null;
}

/** A psql command (`\connect shop`) outside of any quotes. */
export interface MetaCommand {
  readonly command: string;
  readonly offset: number;
}

/** The tokens that matter for splitting; everything else is skipped. */
const TOKEN =
  /--|\/\*|['"();\\]|\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|\d[\w.]*|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/gi;

/** Yields the statements of `text` in order. Passes psql commands to `meta`, which throws, or returns to skip one. */
export function* statements(text: string, meta: (command: MetaCommand) => void): Generator<PostgresStatement> {
  let draft = emptyDraft();
  let at = 0;
  for (let token = nextToken(text, at); token !== null; token = nextToken(text, at)) {
    const { word, offset } = token;
    at = offset + word.length;
    if (word === '--') at = endOfLine(text, at);
    else if (word === '/*') at = endOfNested(text, at);
    else if (word === '\\') {
      at = endOfLine(text, offset);
      meta({ command: text.slice(offset, at).trimEnd(), offset });
    } else if (word === ';' && draft.parentheses <= 0 && draft.blocks === 0) {
      if (draft.start < 0) continue;
      const statement = finish(text, draft, at);
      yield statement;
      at = statement.data === null ? at : endOfLine(text, statement.data.end) + 1;
      draft = emptyDraft();
    } else {
      if (draft.start < 0) draft.start = offset;
      at = take(draft, text, token);
    }
  }
  if (draft.start >= 0) yield { start: draft.start, end: text.length, words: draft.words.slice(0, 4), data: null };
}

interface SqlToken {
  readonly word: string;
  readonly offset: number;
}

interface StatementDraft {
  start: number;
  parentheses: number;
  /** Depth of `BEGIN … END` in an SQL-standard function body. */
  blocks: number;
  readonly words: string[];
  last: string;
  fromStdin: boolean;
}

function emptyDraft(): StatementDraft {
  return { start: -1, parentheses: 0, blocks: 0, words: [], last: '', fromStdin: false };
}

function nextToken(text: string, from: number): SqlToken | null {
  TOKEN.lastIndex = from;
  const match = TOKEN.exec(text);
  return match === null ? null : { word: match[0], offset: match.index };
}

/** Adds a token to the statement and returns the offset after it. */
function take(draft: StatementDraft, text: string, { word, offset }: SqlToken): number {
  const behind = offset + word.length;
  if (word === '(') draft.parentheses += 1;
  else if (word === ')') draft.parentheses -= 1;
  else if (word === "'" || word === '"') return endOf(text, word, behind);
  else if (word.startsWith('$')) return endOf(text, word, behind);
  else if (/^e$/i.test(word) && text[behind] === "'") return endOfEscapes(text, "'", behind + 1);
  else takeWord(draft, word.toLowerCase());
  return behind;
}

function takeWord(draft: StatementDraft, word: string): void {
  if (draft.words.length < 6) draft.words.push(word);
  if (draft.parentheses === 0) {
    if (word === 'stdin' && draft.last === 'from' && draft.words[0] === 'copy') draft.fromStdin = true;
    if (makesRoutine(draft.words)) draft.blocks += blockChange(word, draft.blocks);
  }
  draft.last = word;
}

function makesRoutine(words: readonly string[]): boolean {
  const kind = words[1] === 'or' && words[2] === 'replace' ? words[3] : words[1];
  return words[0] === 'create' && (kind === 'function' || kind === 'procedure');
}

function blockChange(word: string, depth: number): number {
  if (word === 'begin') return 1;
  if (word === 'case' && depth > 0) return 1;
  return word === 'end' && depth > 0 ? -1 : 0;
}

function finish(text: string, draft: StatementDraft, end: number): PostgresStatement {
  const base = { start: draft.start, end, words: draft.words.slice(0, 4) };
  return { ...base, data: draft.fromStdin ? copyData(text, endOfLine(text, end) + 1) : null };
}

/** The rows up to a line that contains only `\.`. */
function copyData(text: string, start: number): PostgresStatement['data'] {
  const closing = /^\\\.\r?$/gm;
  closing.lastIndex = start;
  const match = start > text.length ? null : closing.exec(text);
  const end = match?.index ?? text.length;
  return { start: Math.min(start, end), end, closed: match !== null };
}

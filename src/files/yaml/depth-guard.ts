import { Lexer } from 'yaml';

/**
 * The offset at which a YAML text nests deeper than `limit` or closes a bracket it never opened; null: none.
 *
 * The trust boundary: a profile that is brought up runs commands, so it must be trusted. Reading one must be safe for
 * any text, since `ls`, completion and `config` read files that no one has looked at. The parser of `yaml` recurses for
 * every level, so a hostile text would exhaust the stack; this check uses only its lexer.
 */
export function nestedTooDeep(text: string, limit: number): number | null {
  const depth: Depth = { flow: 0, run: 0, indents: [], margin: 0 };
  let offset = 0;
  let isContent = false;
  for (const token of new Lexer().lex(text)) {
    if (!isContent) step(depth, token);
    if (depth.flow < 0 || depth.flow > limit || depth.run > limit || depth.indents.length > limit) return offset;
    if (isContent || !marks.has(token)) offset += token.length;
    isContent = !isContent && token === scalarAhead;
  }
  return null;
}

const scalarAhead = '\u001f';
/** Marks of the lexer that are not in the text: start of a document, an error in flow style, a scalar follows. */
const marks: ReadonlySet<string> = new Set(['\u0002', '\u0018', scalarAhead]);

interface Depth {
  /** Open brackets. */
  flow: number;
  /** `-`, `?` and `:` nest without brackets: on one line in block style, between two commas in flow style. */
  run: number;
  /** Indents of the open lines in block style. */
  readonly indents: number[];
  /** Spaces at the start of this line; null: its first token was read. */
  margin: number | null;
}

function step(depth: Depth, token: string): void {
  const isLineEnd = token === '\n' || token === '\r\n';
  if (isLineEnd) depth.margin = 0;
  else if (depth.margin !== null && /^[ \t]+$/.test(token)) depth.margin = token.length;
  else if (!token.startsWith('#') && token !== '\u0002') openLine(depth);
  if (token === '[' || token === '{') depth.flow++;
  if (token === ']' || token === '}') depth.flow--;
  if (token === '-' || token === '?' || token === ':') depth.run++;
  else if (depth.flow === 0 ? isLineEnd : /^[[\]{},]$/.test(token)) depth.run = 0;
}

/** The line's margin closes the deeper ones. */
function openLine(depth: Depth): void {
  const { indents, margin } = depth;
  if (margin === null || depth.flow > 0) return;
  while ((indents.at(-1) ?? -1) >= margin) indents.pop();
  indents.push(margin);
  depth.margin = null;
}

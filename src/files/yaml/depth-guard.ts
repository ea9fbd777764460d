import { Lexer } from 'yaml';

/**
 * Where a YAML text nests deeper than `limit`, or closes what it never opened, as an offset; null: nowhere. Looks at tokens only:
 * the parser proper calls itself for every level, and a hostile text would exhaust the stack.
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
/** Of the lexer's own, not in the text: a document begins, an error in flow style, a scalar comes next. */
const marks: ReadonlySet<string> = new Set(['\u0002', '\u0018', scalarAhead]);

interface Depth {
  /** Open brackets. */
  flow: number;
  /** `-`, `?` and `:` that may nest without a bracket: on one line of block style, between two commas of flow style. */
  run: number;
  /** Indents of the lines that are open in block style. */
  readonly indents: number[];
  /** Spaces at the beginning of this line; null: its first word has been seen. */
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

/** The line's margin closes those that stand deeper. */
function openLine(depth: Depth): void {
  const { indents, margin } = depth;
  if (margin === null || depth.flow > 0) return;
  while ((indents.at(-1) ?? -1) >= margin) indents.pop();
  indents.push(margin);
  depth.margin = null;
}

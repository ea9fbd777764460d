import type { OutputStream } from '../../src/ui/renderer-types.js';

export interface TestTerminal extends OutputStream {
  columns: number;
  rows: number;
  /** All visible lines, including those that scrolled away. */
  screen(): string[];
  cursor(): 'shown' | 'hidden';
  /** The written texts. */
  readonly raw: string[];
}

const parts = new RegExp(`${'\u001b'}\\[[?0-9;]*[A-Za-z]|[\\s\\S]`, 'gu');

/** The parts of a terminal that listr2 uses: lines, erasing a line, moving up, the cursor. Ignores colors. */
export function testTerminal(columns = 80, rows = 24): TestTerminal {
  const lines: string[][] = [[]];
  const raw: string[] = [];
  let row = 0;
  let column = 0;
  let cursor: 'shown' | 'hidden' = 'shown';
  const obey = (code: string): void => {
    if (code === '\u001b[2K') lines[row] = [];
    else if (code === '\u001b[1A') row = Math.max(0, row - 1);
    else if (code === '\u001b[G') column = 0;
    else if (code === '\u001b[?25l') cursor = 'hidden';
    else if (code === '\u001b[?25h') cursor = 'shown';
    else if (!code.endsWith('m')) throw new Error(`unknown escape code ${JSON.stringify(code)}`);
  };
  const put = (character: string): void => {
    if (character === '\n') {
      row++;
      column = 0;
      lines[row] ??= [];
      return;
    }
    const line = lines[row] ?? [];
    lines[row] = line;
    while (line.length < column) line.push(' ');
    line[column] = character;
    column++;
    if (column > columns) throw new Error(`a line is wider than ${columns}: ${line.join('')}`);
  };
  return {
    isTTY: true,
    columns,
    rows,
    raw,
    write: (text) => {
      raw.push(text);
      for (const [part] of text.matchAll(parts)) {
        if (part.startsWith('\u001b')) obey(part);
        else put(part);
      }
    },
    screen: () => {
      const seen = lines.map((line) => line.join('').trimEnd());
      while (seen.at(-1) === '') seen.pop();
      return seen;
    },
    cursor: () => cursor,
  };
}

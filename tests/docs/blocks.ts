/** Fenced code blocks of the documents a user reads. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

export interface DocBlock {
  /** `docs/seeds.md`. */
  readonly document: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** Word after the language that is not `file=…`: `service`, `ci` …; empty: none. */
  readonly tag: string;
  /** Path in the reader's project that the block is the content of; null: none. */
  readonly file: string | null;
  readonly text: string;
}

/** README first: readers start there. */
export const documents: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`)
    .sort(),
  'environments/shop/README.md',
  'src/README.md',
];

export const blocks: readonly DocBlock[] = documents.flatMap((document) => blocksOf(document));

export const nameOf = ({ document, line }: DocBlock): string => `${document}:${line}`;

function blocksOf(document: string): readonly DocBlock[] {
  const lines = readFileSync(join(root, document), 'utf8').split('\n');
  const found: DocBlock[] = [];
  for (let index = 0; index < lines.length; index++) {
    const info = /^```(.*)$/.exec(lines[index] ?? '')?.[1];
    if (info === undefined) continue;
    const end = lines.indexOf('```', index + 1);
    if (end < 0) throw new Error(`${document}:${index + 1}: this block has no end`);
    const [language = '', ...words] = info.trim().split(/\s+/);
    const file = words.find((word) => word.startsWith('file='))?.slice('file='.length) ?? null;
    const tag = words.find((word) => !word.startsWith('file=')) ?? '';
    found.push({ document, line: index + 1, language, tag, file, text: `${lines.slice(index + 1, end).join('\n')}\n` });
    index = end;
  }
  return found;
}

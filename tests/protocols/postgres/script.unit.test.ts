import { expect, test } from 'vitest';
import { pieces } from '../../../src/protocols/postgres/script.js';
import { readSource } from '../../../src/protocols/shared/seed-source.js';
import { taskOf } from '../../testing/reach.js';

const piecesOf = async (text: string) => [
  ...pieces(await readSource(taskOf({ kind: 'sql', file: 'a.sql' }, text), 'a.sql')),
];

test('statements go in one stretch of the file, rows of a COPY on their own', async () => {
  const text = 'SELECT 1;\n-- two\nSELECT 2;\nCOPY a FROM stdin;\n1\n\\.\nSELECT 3;';
  expect(await piecesOf(text)).toEqual([
    { kind: 'statements', start: 0, text: 'SELECT 1;\n-- two\nSELECT 2;', starts: [0, text.indexOf('SELECT 2')] },
    {
      kind: 'copy',
      start: text.indexOf('COPY'),
      text: 'COPY a FROM stdin;',
      data: '1\n',
      dataStart: text.indexOf('1\n\\.'),
    },
    { kind: 'statements', start: text.indexOf('SELECT 3'), text: 'SELECT 3;', starts: [text.indexOf('SELECT 3')] },
  ]);
});

test("the file's own transaction is left out", async () => {
  const texts = (
    await piecesOf('BEGIN;\nSELECT 1;\nCOMMIT;\nSTART TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nSELECT 2;\nEND;')
  ).map((piece) => piece.text);
  expect(texts).toEqual(['SELECT 1;', 'SELECT 2;']);
});

test('a long file goes in several messages', async () => {
  const line = `SELECT '${'x'.repeat(1000)}';\n`;
  const all = await piecesOf(line.repeat(1000));
  expect(all.length).toBeGreaterThan(3);
  expect(Math.max(...all.map((piece) => piece.text.length))).toBeLessThanOrEqual(256 * 1024);
  expect(all.flatMap((piece) => (piece.kind === 'statements' ? piece.starts : []))).toHaveLength(1000);
});

test.each([
  ['SELECT 1;\nROLLBACK;', 'a seed file is one transaction and cannot contain ROLLBACK', 2],
  ['ABORT;', 'a seed file is one transaction and cannot contain ABORT', 1],
  ["PREPARE TRANSACTION 'x';", 'a seed file is one transaction and cannot contain PREPARE', 1],
  ['SELECT 1;\n\\i other.sql\n', '\\i is a command of psql, not of the database', 2],
  ['\\connect other\n', '\\connect is a command of psql, not of the database', 1],
  ['SELECT 1 \\gexec\n', '\\gexec is a command of psql, not of the database', 1],
  ['COPY a FROM stdin;\n1\n', 'the rows of this COPY have no end', 1],
])('%j is refused at its line', async (text, message, line) => {
  await expect(piecesOf(text)).rejects.toMatchObject({
    code: 'SEED_FAILED',
    message,
    position: { file: 'a.sql', line },
  });
});

test("pg_dump's own guards are passed over", async () => {
  expect(await piecesOf('\\restrict abc\nSELECT 1;\n\\unrestrict abc\n')).toHaveLength(1);
});

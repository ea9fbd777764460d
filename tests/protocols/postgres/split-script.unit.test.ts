import { expect, test } from 'vitest';
import { scriptParts } from '../../../src/protocols/postgres/split-script.js';
import { readSeedFile } from '../../../src/protocols/shared/seed-file.js';
import { taskOf } from '../../testing/reach.js';

const partsOf = async (text: string) => [
  ...scriptParts(await readSeedFile(taskOf({ kind: 'sql', file: 'a.sql' }, text), 'a.sql')),
];

test('consecutive statements form one part, the rows of a COPY another', async () => {
  const text = 'SELECT 1;\n-- two\nSELECT 2;\nCOPY a FROM stdin;\n1\n\\.\nSELECT 3;';
  expect(await partsOf(text)).toEqual([
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

test("a script's own transaction statements are removed", async () => {
  const texts = (
    await partsOf('BEGIN;\nSELECT 1;\nCOMMIT;\nSTART TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nSELECT 2;\nEND;')
  ).map((part) => part.text);
  expect(texts).toEqual(['SELECT 1;', 'SELECT 2;']);
});

test('a long script is split into several messages', async () => {
  const line = `SELECT '${'x'.repeat(1000)}';\n`;
  const all = await partsOf(line.repeat(1000));
  expect(all.length).toBeGreaterThan(3);
  expect(Math.max(...all.map((part) => part.text.length))).toBeLessThanOrEqual(256 * 1024);
  expect(all.flatMap((part) => (part.kind === 'statements' ? part.starts : []))).toHaveLength(1000);
});

test.each([
  ['SELECT 1;\nROLLBACK;', 'A seed file is one transaction and cannot contain ROLLBACK', 2],
  ['ABORT;', 'A seed file is one transaction and cannot contain ABORT', 1],
  ["PREPARE TRANSACTION 'x';", 'A seed file is one transaction and cannot contain PREPARE', 1],
  ['SELECT 1;\n\\i other.sql\n', '\\i is a psql command, not SQL', 2],
  ['\\connect other\n', '\\connect is a psql command, not SQL', 1],
  ['SELECT 1 \\gexec\n', '\\gexec is a psql command, not SQL', 1],
  ['COPY a FROM stdin;\n1\n', 'The rows of this COPY have no end', 1],
])('the script %j is refused at its line', async (text, message, line) => {
  await expect(partsOf(text)).rejects.toMatchObject({
    code: 'SEED_FAILED',
    message,
    position: { file: 'a.sql', line },
  });
});

test("pg_dump's restrict commands are skipped", async () => {
  expect(await partsOf('\\restrict abc\nSELECT 1;\n\\unrestrict abc\n')).toHaveLength(1);
});

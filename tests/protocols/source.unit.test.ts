import { expect, test } from 'vitest';
import { readBytes, readSource } from '../../src/protocols/shared/seed-source.js';
import { taskOf } from '../testing/reach.js';

const step = { kind: 'sql', file: 'a.sql' } as const;
const read = (content: string | Uint8Array | Error) => readSource(taskOf(step, content), 'a.sql');

test('a seed file is read without its byte order mark, and its places count from 1', async () => {
  const source = await read('\ufeffone\r\ntwo\n\nfour');
  expect(source.text).toBe('one\r\ntwo\n\nfour');
  expect(source.at(0)).toEqual({ file: 'a.sql', line: 1, column: 1 });
  expect(source.at(source.text.indexOf('two'))).toEqual({ file: 'a.sql', line: 2, column: 1 });
  expect(source.at(source.text.indexOf('our'))).toEqual({ file: 'a.sql', line: 4, column: 2 });
});

test('a newline belongs to the line that it ends', async () => {
  expect((await read('a\nb')).at(1)).toEqual({ file: 'a.sql', line: 1, column: 2 });
});

test('bytes that are no UTF-8 are refused with their line', async () => {
  const latin1 = Buffer.concat([Buffer.from("SELECT 'ü';\n\nSELECT '"), Buffer.from([0xfc]), Buffer.from("';\n")]);
  await expect(read(latin1)).rejects.toMatchObject({
    code: 'SEED_FAILED',
    message: 'the seed file is not valid UTF-8',
    position: { file: 'a.sql', line: 3 },
  });
});

test('a NUL byte is refused with its place', async () => {
  await expect(read('ab\nc\0d')).rejects.toMatchObject({
    message: 'the seed file contains a NUL byte',
    position: { line: 2, column: 2 },
  });
});

test('UTF-16 is called by its name', async () => {
  await expect(read(Buffer.from('\ufeffSELECT 1', 'utf16le'))).rejects.toMatchObject({
    message: 'the seed file is UTF-16',
  });
});

test('a file that cannot be read is told at its step', async () => {
  const error = Object.assign(new Error("EACCES: permission denied, open 'a.sql'"), { code: 'EACCES' });
  await expect(read(error)).rejects.toMatchObject({
    message: 'cannot read a.sql',
    detail: "EACCES: permission denied, open 'a.sql'",
    position: { file: 'profile.yaml', line: 7 },
  });
});

test('bytes come without the byte order mark too', async () => {
  expect(Buffer.from(await readBytes(taskOf(step, '\ufeffa,b'), 'a.csv')).toString()).toBe('a,b');
});

import { expect, test } from 'vitest';
import { readBytes, readSeedFile } from '../../src/protocols/shared/seed-file.js';
import { taskOf } from '../testing/reach.js';

const step = { kind: 'sql', file: 'a.sql' } as const;
const read = (content: string | Uint8Array | Error) => readSeedFile(taskOf(step, content), 'a.sql');

test('a seed file is read without its byte order mark, and positions count from 1', async () => {
  const source = await read('\ufeffone\r\ntwo\n\nfour');
  expect(source.text).toBe('one\r\ntwo\n\nfour');
  expect(source.at(0)).toEqual({ file: 'a.sql', line: 1, column: 1 });
  expect(source.at(source.text.indexOf('two'))).toEqual({ file: 'a.sql', line: 2, column: 1 });
  expect(source.at(source.text.indexOf('our'))).toEqual({ file: 'a.sql', line: 4, column: 2 });
});

test('the position of a newline is on the line it ends', async () => {
  expect((await read('a\nb')).at(1)).toEqual({ file: 'a.sql', line: 1, column: 2 });
});

test('a seed file that is not UTF-8 is refused at the first bad line', async () => {
  const latin1 = Buffer.concat([Buffer.from("SELECT 'ü';\n\nSELECT '"), Buffer.from([0xfc]), Buffer.from("';\n")]);
  await expect(read(latin1)).rejects.toMatchObject({
    code: 'SEED_FAILED',
    message: 'The seed file is not valid UTF-8',
    position: { file: 'a.sql', line: 3 },
  });
});

test('a seed file with a NUL byte is refused at its position', async () => {
  await expect(read('ab\nc\0d')).rejects.toMatchObject({
    message: 'The seed file contains a NUL byte',
    position: { line: 2, column: 2 },
  });
});

test('a seed file in UTF-16 is refused by name', async () => {
  await expect(read(Buffer.from('\ufeffSELECT 1', 'utf16le'))).rejects.toMatchObject({
    message: 'The seed file is UTF-16',
  });
});

test('a seed file that cannot be read is reported at its step', async () => {
  const error = Object.assign(new Error("EACCES: permission denied, open 'a.sql'"), { code: 'EACCES' });
  await expect(read(error)).rejects.toMatchObject({
    message: 'Cannot read a.sql',
    detail: "EACCES: permission denied, open 'a.sql'",
    position: { file: 'profile.yaml', line: 7 },
  });
});

test('the bytes of a seed file have no byte order mark', async () => {
  expect(Buffer.from(await readBytes(taskOf(step, '\ufeffa,b'), 'a.csv')).toString()).toBe('a,b');
});

import { describe, expect, test } from 'vitest';
import { jsonLines, lineLimit, splitLines } from '../../../src/engines/docker/api/line-splitter.js';
import { type OutputFrame, readFrames } from '../../../src/engines/docker/api/stream-frames.js';

async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of stream) found.push(item);
  return found;
}

function frame(stream: 1 | 2, text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

const textOf = (frames: readonly OutputFrame[], stream: OutputFrame['stream']): string =>
  Buffer.concat(frames.filter((each) => each.stream === stream).map(({ bytes }) => bytes)).toString();

describe('readFrames', () => {
  test.each([1, 2, 3, 7, 8, 9, 1000])('separates stdout and stderr that arrive in chunks of %i bytes', async (size) => {
    const bytes = Buffer.concat([frame(1, 'één\n'), frame(2, ''), frame(2, 'oops'), frame(1, 'x'.repeat(50))]);
    const frames = await all(readFrames(chunks(bytes, size), 'multiplexed'));
    expect(textOf(frames, 'stdout')).toBe(`één\n${'x'.repeat(50)}`);
    expect(textOf(frames, 'stderr')).toBe('oops');
  });

  test('passes on the raw output of a container with a terminal', async () => {
    expect(textOf(await all(readFrames(chunks(Buffer.from('\x01hello'), 2), 'raw')), 'stdout')).toBe('\x01hello');
  });
});

describe('splitLines', () => {
  test.each([1, 2, 5, 100])('joins lines that arrive in chunks of %i bytes', async (size) => {
    const splitter = splitLines();
    const lines: string[] = [];
    for await (const chunk of chunks(Buffer.from('één\r\n\nzwei\t\u{1F600}\nlast'), size))
      lines.push(...splitter.add(chunk));
    expect([...lines, splitter.end()]).toEqual(['één', '', 'zwei\t\u{1F600}', 'last']);
  });

  test('returns no unfinished line after a newline', () => {
    const splitter = splitLines();
    splitter.add(Buffer.from('a\n'));
    expect(splitter.end()).toBeNull();
  });

  test('cuts a line at the limit and returns the next one in full', () => {
    const splitter = splitLines();
    const block = Buffer.from('x'.repeat(10_000));
    for (let count = 0; count < 100; count++) splitter.add(block);
    const [long, next] = splitter.add(Buffer.from('\nnext\n'));
    expect(long).toHaveLength(lineLimit);
    expect(next).toBe('next');
  });

  test('jsonLines returns objects that arrive in parts or together, and skips invalid lines', async () => {
    const bytes = Buffer.from('{"a":1}\n{"b":"é"}\n\nnonsense\n{"c":3}');
    expect(await all(jsonLines(chunks(bytes, 3)))).toEqual([{ a: 1 }, { b: 'é' }, { c: 3 }]);
  });
});

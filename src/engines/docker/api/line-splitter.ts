import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut, so that a service that never writes a newline cannot fill the memory. */
export const lineLimit = 64 * 1024;

/** Splits bytes into lines, whatever pieces they come in: characters and lines may be cut anywhere. */
export interface LineSplitter {
  /** Lines completed by these bytes, without their newline. */
  add(bytes: Uint8Array): readonly string[];
  /** What is left at the end; null: nothing. */
  end(): string | null;
}

export function splitLines(): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const keep = (text: string): void => {
    rest = (rest + text).slice(0, lineLimit);
  };
  const take = (): string => {
    const line = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
    rest = '';
    return line;
  };
  return {
    add: (bytes) => {
      const pieces = decoder.write(Buffer.from(bytes)).split('\n');
      const lines: string[] = [];
      for (const [index, piece] of pieces.entries()) {
        keep(piece);
        if (index < pieces.length - 1) lines.push(take());
      }
      return lines;
    },
    end: () => {
      keep(decoder.end());
      return rest === '' ? null : take();
    },
  };
}

/** JSON objects of a stream of one per line; what is no JSON is left out. */
export async function* jsonLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Record<string, unknown>> {
  const splitter = splitLines();
  for await (const chunk of stream) for (const line of splitter.add(chunk)) yield* parsed(line);
  yield* parsed(splitter.end() ?? '');
}

function* parsed(line: string): Generator<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) yield value as Record<string, unknown>;
  } catch {
    // An empty or cut line.
  }
}

import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut, so that a service that never writes a newline cannot use up the memory. */
export const lineLimit = 64 * 1024;

/** Splits bytes into lines. Chunks may end anywhere, even within a character. */
export interface LineSplitter {
  /** The lines that these bytes complete, without their newlines. */
  add(bytes: Uint8Array): readonly string[];
  /** The unfinished line at the end; null: none. */
  end(): string | null;
}

export function splitLines(): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const append = (text: string): void => {
    rest = (rest + text).slice(0, lineLimit);
  };
  const takeLine = (): string => {
    const line = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
    rest = '';
    return line;
  };
  return {
    add: (bytes) => {
      const parts = decoder.write(Buffer.from(bytes)).split('\n');
      const lines: string[] = [];
      for (const [index, part] of parts.entries()) {
        append(part);
        if (index < parts.length - 1) lines.push(takeLine());
      }
      return lines;
    },
    end: () => {
      append(decoder.end());
      return rest === '' ? null : takeLine();
    },
  };
}

/** The objects of a stream with one JSON object per line; invalid lines are skipped. */
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

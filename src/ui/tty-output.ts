/** The output stream for listr2. */
import type { ProcessOutput } from 'listr2';
import type { OutputStream } from './renderer-types.js';
import { esc } from './text.js';

/** The sequence with which log-update erases its last frame (ansi-escapes, eraseLines). */
const erased = new RegExp(`^(?:${esc}\\[2K(?:${esc}\\[1A)?)*(?:${esc}\\[G)?`);

/**
 * Writes frames of listr2 to the stream. Texts in `above` are inserted between two frames, so they stay above the list.
 */
export async function listOutput(stream: OutputStream, above: string[]): Promise<ProcessOutput> {
  const write = (chunk: string): boolean => {
    const back = erased.exec(chunk)?.[0] ?? '';
    stream.write(back + above.splice(0).join('') + chunk.slice(back.length));
    return true;
  };
  // Not the stream itself: listr2 replaces its `write` while drawing.
  const facade = { write, columns: stream.columns ?? 80, rows: stream.rows ?? 24 } as NodeJS.WriteStream;
  const listr2 = await import('listr2');
  return new listr2.ProcessOutput(facade, facade);
}

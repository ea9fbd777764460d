/** The stream as listr2 sees it. */
import type { ProcessOutput } from 'listr2';
import type { OutputStream } from './renderer-types.js';
import { esc } from './text.js';

/** What log-update writes to take back its last drawing (ansi-escapes, eraseLines). */
const erased = new RegExp(`^(?:${esc}\\[2K(?:${esc}\\[1A)?)*(?:${esc}\\[G)?`);

/**
 * What listr2 writes goes to the stream; texts in `kept` are put between the end of one drawing and the next, so that they stay above
 * the list.
 */
export async function listOutput(stream: OutputStream, kept: string[]): Promise<ProcessOutput> {
  const write = (chunk: string): boolean => {
    const back = erased.exec(chunk)?.[0] ?? '';
    stream.write(back + kept.splice(0).join('') + chunk.slice(back.length));
    return true;
  };
  // Not the stream itself: listr2 replaces `write` of what it is given while it draws.
  const facade = { write, columns: stream.columns ?? 80, rows: stream.rows ?? 24 } as NodeJS.WriteStream;
  const listr2 = await import('listr2');
  return new listr2.ProcessOutput(facade, facade);
}

import { deadline } from '../model/deadline.js';
import type { Engine, Target } from '../model/engine.js';

/** The last 20 log lines of a replica, in any state; also works after an abort. */
export async function lastLines(engine: Engine, { instance, service, replica }: Target): Promise<string> {
  const lines: string[] = [];
  try {
    for await (const line of engine.logs({ instance, service, replica }, { signal: deadline(5000), tail: 20 }))
      lines.push(line.text);
  } catch (error) {
    lines.push(`(log not readable: ${(error as Error).message})`);
  }
  return lines.slice(-20).join('\n');
}

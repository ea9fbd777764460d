import type { ExecResult } from '../../model/host.js';
import { notYet, type ProbeResult, ready } from '../../model/protocol.js';

/** Time limit of a command used as a probe. */
export const COMMAND_MS = 10_000;

/** Ready on exit code 0, else the code and the last line of output. */
export function commandResult({ exitCode, stdout, stderr }: ExecResult): ProbeResult {
  if (exitCode === 0) return ready;
  const lastLine = `${stderr}\n${stdout}`
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .at(-1);
  const code = exitCode === 124 ? 'timed out' : exitCode === 127 ? 'not found (127)' : `exit ${exitCode}`;
  return notYet(lastLine ? `${code}: ${lastLine.slice(0, 200)}` : code);
}

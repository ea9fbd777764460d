import { writeFailureDirectory } from '../files/failure-directory.js';
import type { Observed } from '../model/observed.js';
import { lastLines } from '../run/last-lines.js';
import type { Session } from './session.js';

export interface Diagnostics {
  readonly error: unknown;
  readonly observed: readonly Observed[];
  /** Replicas whose logs are saved. */
  readonly replicas: readonly Observed[];
  readonly timeline: string;
}

/** Saves the error, the state of all replicas, logs and events under `.envctl/failures/` and returns the folder. */
export async function saveDiagnostics(
  { engine, identity, caller }: Session,
  { error, observed, replicas, timeline }: Diagnostics,
): Promise<string> {
  const logs = await Promise.all(
    replicas.map(async (seen) => [`${seen.service}-${seen.replica}`, await lastLines(engine, seen)] as const),
  );
  return writeFailureDirectory(identity, {
    error,
    observed,
    logs: Object.fromEntries(logs),
    timeline,
    mask: caller.mask,
  });
}

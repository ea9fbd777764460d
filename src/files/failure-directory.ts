import { join } from 'node:path';
import { EnvctlError } from '../model/errors.js';
import type { Observed } from '../model/observed.js';
import { makeIgnoredFolder, writePrivate } from './instance-directory.js';

export interface SavedDiagnostics {
  readonly error: unknown;
  readonly observed: readonly Observed[];
  /** Log lines by replica. */
  readonly logs: Readonly<Record<string, string>>;
  readonly timeline: string;
  readonly mask: (text: string) => string;
}

/** Saves the diagnostics of a failed `up` under `.envctl/failures/` and returns the folder. */
export async function writeFailureDirectory(
  identity: { readonly id: string; readonly project: string },
  diagnostics: SavedDiagnostics,
): Promise<string> {
  const { error, observed, logs, timeline, mask } = diagnostics;
  const failures = join(identity.project, '.envctl', 'failures');
  await makeIgnoredFolder(failures);
  const folder = join(failures, `${identity.id}-${new Date().toISOString().replace(/[:.]/g, '-')}`);
  const summary =
    error instanceof EnvctlError ? JSON.stringify(error, null, 2) : String((error as Error)?.stack ?? error);
  const states = observed.map(({ env: _, record: __, ...state }) => state);
  await writePrivate(join(folder, 'error.json'), `${mask(summary)}\n`);
  await writePrivate(join(folder, 'observed.json'), `${mask(JSON.stringify(states, null, 2))}\n`);
  await writePrivate(join(folder, 'events.ndjson'), mask(timeline));
  for (const [name, text] of Object.entries(logs)) await writePrivate(join(folder, `${name}.log`), `${mask(text)}\n`);
  return folder;
}

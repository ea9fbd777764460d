/** Where a command's events go: the renderer a person or program asked for, and the timeline. */
import type { Screen } from '../app/caller.js';
import type { EnvEvent } from '../model/events.js';
import { maskedJson } from '../ui/json.js';
import { chooseRenderer } from '../ui/renderer.js';
import type { CliContext } from './context.js';
import type { GlobalOptions } from './options.js';

export async function openScreen(
  globals: Pick<GlobalOptions, 'output' | 'progress' | 'quiet'>,
  context: CliContext,
): Promise<Screen> {
  const json = globals.output === 'json' || globals.progress === 'json';
  const progress = globals.quiet ? 'quiet' : json ? 'json' : globals.progress;
  // NDJSON is data and goes to stdout; everything else is progress.
  const stream = globals.output === 'json' ? context.stdout : context.stderr;
  const renderer = await chooseRenderer({ progress, stream, env: context.env, mask: context.mask });
  const lines: { readonly time: string; readonly event: EnvEvent }[] = [];
  return {
    emit: (event) => {
      lines.push({ time: new Date().toISOString(), event });
      renderer.emit(event);
    },
    timeline: () =>
      lines.map(({ time, event }) => `${maskedJson({ version: 1, time, ...event }, context.mask)}\n`).join(''),
    close: () => renderer.close(),
  };
}

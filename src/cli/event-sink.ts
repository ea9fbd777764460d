import type { EventSink } from '../app/caller.js';
import type { EnvEvent } from '../model/events.js';
import type { CliContext } from './context.js';
import type { OptionValues } from './option-kinds.js';
import type { outputOptions } from './options.js';

export type SinkOptions = Pick<OptionValues<typeof outputOptions>, 'output' | 'progress' | 'quiet'>;

/** Shows events while `work` runs. */
export async function withEventSink<Result>(
  options: SinkOptions,
  context: CliContext,
  work: (sink: EventSink) => Promise<Result>,
): Promise<Result> {
  const sink = await openEventSink(options, context);
  try {
    return await work(sink);
  } finally {
    await sink.close();
  }
}

async function openEventSink({ output, progress, quiet }: SinkOptions, context: CliContext): Promise<EventSink> {
  const [{ maskedJson }, { chooseRenderer }] = await Promise.all([
    import('../ui/json.js'),
    import('../ui/renderer.js'),
  ]);
  const json = output === 'json' || progress === 'json';
  const renderer = await chooseRenderer({
    progress: quiet ? 'quiet' : json ? 'json' : progress,
    // NDJSON is data and goes to stdout; everything else is progress.
    stream: output === 'json' ? context.stdout : context.stderr,
    env: context.env,
    mask: context.mask,
  });
  const events: { readonly time: string; readonly event: EnvEvent }[] = [];
  return {
    emit: (event) => {
      events.push({ time: new Date().toISOString(), event });
      renderer.emit(event);
    },
    timeline: () =>
      events.map(({ time, event }) => `${maskedJson({ version: 1, time, ...event }, context.mask)}\n`).join(''),
    close: () => renderer.close(),
  };
}

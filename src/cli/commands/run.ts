import type { BroughtUp } from '../../app/bring-up.js';
import type { EventSink } from '../../app/caller.js';
import { deadline } from '../../model/deadline.js';
import { EnvctlError } from '../../model/errors.js';
import { defineCommand, type Invocation } from '../command.js';
import { reportText } from '../error-report.js';
import { withEventSink } from '../event-sink.js';
import type { OptionValues } from '../option-kinds.js';
import {
  bringUpOptions,
  bringUpSettings,
  instanceOptions,
  outputOptions,
  profileOptions,
  sessionRequest,
  without,
} from '../options.js';

/** The exit code for a failure before the command started, as in `docker run`. */
const failedBeforeCommand = 125;

const options = { without: without(), ...bringUpOptions, ...profileOptions, ...instanceOptions, ...outputOptions };
type RunInvocation = Invocation<OptionValues<typeof options>>;

export const run = defineCommand({
  name: 'run',
  arguments: '[profile]',
  usage: '[profile] [options] -- <command...>',
  group: 'Commands:',
  summary: 'Bring up an environment, run a command with its connections, and tear it down',
  options,
  examples: [['envctl run shop -- npm test'], ['envctl run -f docker-compose.yml -- pytest']],
  notes: [
    "Exits with the command's exit code, or with 125 if the environment could not be brought up.",
    'An instance that already runs is used and stays up; changed services without data are recreated.',
  ].join('\n'),
  run: async (invocation) => {
    const { command, context } = invocation;
    if (command.length === 0)
      throw new EnvctlError('USAGE', '`envctl run` needs a command', {
        hint: 'Write it after two dashes: `envctl run shop -- npm test`.',
      });
    const sinkOptions = { ...invocation.options, output: 'text' as const };
    const started = await bringUpFirst(invocation, sinkOptions);
    if (typeof started === 'number') return started;
    const { session, running } = started;
    const { runChild } = await import('../run-child.js');
    const exitCode = await runChild(command, {
      env: { ...context.env, ...running.exports },
      cwd: context.cwd,
      signal: context.signal,
      report: (error) => reportText(error, context, invocation.options),
    });
    if (session.observed.length === 0) {
      const { tearDownCreated } = await import('../../app/tear-down.js');
      // Also after an interrupt, so with a time limit instead of the caller's signal.
      await withEventSink(sinkOptions, context, (sink) =>
        tearDownCreated(session, { sink, signal: deadline(120_000) }),
      );
    }
    return exitCode;
  },
});

/** Reports a failure and returns its exit code, except for errors that a caller must tell apart from 125. */
async function bringUpFirst(
  invocation: RunInvocation,
  sinkOptions: Parameters<typeof withEventSink>[0],
): Promise<BroughtUp | number> {
  const { context, options: values } = invocation;
  try {
    return await withEventSink(sinkOptions, context, (sink) => bringUpLocked(invocation, sink));
  } catch (error) {
    const passedOn = error instanceof EnvctlError && (error.code === 'DATA_AT_RISK' || error.code === 'INTERRUPTED');
    if (passedOn || context.signal.aborted) throw error;
    await reportText(error, context, values);
    return failedBeforeCommand;
  }
}

async function bringUpLocked(
  { profile, options: values, context }: RunInvocation,
  sink: EventSink,
): Promise<BroughtUp> {
  const [{ withSession }, { bringUp }] = await Promise.all([
    import('../../app/session.js'),
    import('../../app/bring-up.js'),
  ]);
  return withSession(
    sessionRequest(profile, values),
    { caller: context, emit: sink.emit, waitMs: values.timeout },
    (session) => {
      const settings = { ...bringUpSettings(values, context), services: [], without: values.without };
      return bringUp(session, { ...settings, ephemeral: true, existing: 'as-is' }, sink);
    },
  );
}

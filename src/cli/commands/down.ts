import { defineCommand } from '../command.js';
import { withEventSink } from '../event-sink.js';
import { duration, flag } from '../option-kinds.js';
import { instanceOptions, outputOptions, sessionRequest } from '../options.js';

export const down = defineCommand({
  name: 'down',
  arguments: '[profile]',
  group: 'Commands:',
  summary: 'Remove an environment and its data',
  options: {
    keepData: flag('--keep-data', 'Keep the data of all services', 'ENVCTL_KEEP_DATA'),
    grace: duration('--grace <time>', 'Time for services to stop before they are killed', {
      default: '0',
      env: 'ENVCTL_GRACE',
      zero: true,
    }),
    ...instanceOptions,
    ...outputOptions,
  },
  ignoredFlags: ['--volumes'],
  examples: [['envctl down shop'], ['envctl down shop-1a2b3c', 'An instance id from `envctl ls`; needs no profile']],
  run: async ({ profile, options, context }) => {
    const [{ withSession }, { tearDown }] = await Promise.all([
      import('../../app/session.js'),
      import('../../app/tear-down.js'),
    ]);
    return withEventSink(options, context, (sink) =>
      withSession(sessionRequest(profile, options), { caller: context, emit: sink.emit }, async (session) => {
        const data = options.keepData ? 'keep' : 'remove';
        await tearDown(session, { graceMs: options.grace ?? 0, data, sink, signal: context.signal });
        return 0;
      }),
    );
  },
});

import { defineCommand } from '../command.js';
import { withEventSink } from '../event-sink.js';
import {
  bringUpOptions,
  bringUpSettings,
  instanceOptions,
  outputOptions,
  profileOptions,
  sessionRequest,
  without,
} from '../options.js';

export const up = defineCommand({
  name: 'up',
  arguments: '[profile] [services...]',
  group: 'Commands:',
  summary: 'Bring up an environment, wait until it is ready, and seed it',
  options: { without: without(), ...bringUpOptions, ...profileOptions, ...instanceOptions, ...outputOptions },
  ignoredFlags: ['-d, --detach', '--wait', '--build'],
  examples: [
    ['envctl up shop'],
    ['envctl up shop db cache', 'Only these services and their dependencies'],
    ['envctl up shop --without app', 'For an app that you run yourself'],
    ['envctl up shop -i second', 'A second, separate instance'],
    ['envctl up shop --set workers=4'],
  ],
  run: async ({ profile, operands, options, context }) => {
    const [{ withSession }, { bringUp }] = await Promise.all([
      import('../../app/session.js'),
      import('../../app/bring-up.js'),
    ]);
    return withEventSink(options, context, (sink) =>
      withSession(
        sessionRequest(profile, options),
        { caller: context, emit: sink.emit, waitMs: options.timeout },
        async (session) => {
          const { without } = options;
          const settings = { ...bringUpSettings(options, context), services: operands, without };
          await bringUp(session, { ...settings, existing: 'reconcile' }, sink);
          return 0;
        },
      ),
    );
  },
});

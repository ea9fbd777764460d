import { defineCommand } from '../command.js';
import { withEventSink } from '../event-sink.js';
import {
  bringUpOptions,
  bringUpSettings,
  instanceOptions,
  outputOptions,
  profileOptions,
  sessionRequest,
} from '../options.js';

export const restart = defineCommand({
  name: 'restart',
  arguments: '[profile] [services...]',
  group: 'Commands:',
  summary: 'Restart services and wait until they are ready',
  options: { ...bringUpOptions, ...profileOptions, ...instanceOptions, ...outputOptions },
  run: async ({ profile, operands, options, context }) => {
    const [{ withSession }, app] = await Promise.all([import('../../app/session.js'), import('../../app/restart.js')]);
    return withEventSink(options, context, (sink) =>
      withSession(
        sessionRequest(profile, options),
        { caller: context, emit: sink.emit, waitMs: options.timeout },
        async (session) => {
          const settings = { ...bringUpSettings(options, context), services: operands, without: [] };
          await app.restart(session, settings, sink);
          return 0;
        },
      ),
    );
  },
});

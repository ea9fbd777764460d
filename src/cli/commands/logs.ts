import { defineCommand } from '../command.js';
import { count, duration, flag } from '../option-kinds.js';
import { instanceOptions, sessionRequest } from '../options.js';

export const logs = defineCommand({
  name: 'logs',
  arguments: '[profile] [services...]',
  group: 'Inspection commands:',
  summary: 'Show the logs of services',
  options: {
    follow: flag('--follow', 'Follow log output'),
    since: duration('--since <time>', 'Show logs of the last while, for example 5m'),
    tail: count('-n, --tail <lines>', 'Show only the last lines of each service', 0),
    ...instanceOptions,
  },
  examples: [['envctl logs shop'], ['envctl logs shop app worker --follow'], ['envctl logs shop db --since 5m']],
  run: async ({ profile, operands, options: { follow, since, tail, ...options }, context }) => {
    const [{ openSession }, { printLogs }, { safe }] = await Promise.all([
      import('../../app/session.js'),
      import('../../app/service-logs.js'),
      import('../../ui/text.js'),
    ]);
    const session = await openSession(sessionRequest(profile, options), context);
    await printLogs(session, {
      services: operands,
      follow,
      ...(since === null ? {} : { since: Date.now() - since }),
      ...(tail === null ? {} : { tail }),
      print: ({ text }, label) =>
        void context.stdout.write(`${label === '' ? '' : `${label} | `}${safe(context.mask(text))}\n`),
    });
    return 0;
  },
});

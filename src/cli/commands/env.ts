import { formatNames } from '../../connections/formats/format-names.js';
import { defineCommand } from '../command.js';
import { choice } from '../option-kinds.js';
import { instanceOptions, sessionRequest } from '../options.js';

export const env = defineCommand({
  name: 'env',
  arguments: '[profile]',
  group: 'Inspection commands:',
  summary: 'Print connections as environment variables',
  options: {
    format: choice('--format <name>', 'Output format', {
      choices: formatNames,
      default: 'dotenv',
      env: 'ENVCTL_FORMAT',
    }),
    ...instanceOptions,
  },
  examples: [
    ['envctl env shop > .env'],
    ['eval "$(envctl env shop --format shell)"'],
    ['envctl env shop --format github >> "$GITHUB_ENV"'],
  ],
  run: async ({ profile, options, context }) => {
    const [{ openSession }, { readConnections }, { requireInstance }, { format }] = await Promise.all([
      import('../../app/session.js'),
      import('../../app/read-connections.js'),
      import('../../app/running-services.js'),
      import('../../connections/formats/formats.js'),
    ]);
    const session = await openSession(sessionRequest(profile, options), context);
    requireInstance(session);
    context.stdout.write(format(options.format, readConnections(session).exports));
    return 0;
  },
});

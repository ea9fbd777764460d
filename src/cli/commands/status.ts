import { defineCommand } from '../command.js';
import { instanceOptions, outputOptions, sessionRequest } from '../options.js';

export const status = defineCommand({
  name: 'status',
  arguments: '[profile]',
  group: 'Inspection commands:',
  summary: 'Show the services of an environment and whether they are ready',
  options: { ...instanceOptions, ...outputOptions },
  notes: 'Exits with 0 even if a service is not ready, and with 7 if the instance does not exist.',
  run: async ({ profile, options, context }) => {
    const [{ openSession }, { serviceStatus }, { statusText }, { maskedJson }, { paintFor }] = await Promise.all([
      import('../../app/session.js'),
      import('../../app/status.js'),
      import('../../ui/listings.js'),
      import('../../ui/json.js'),
      import('../../ui/color.js'),
    ]);
    const { stdout, mask, env } = context;
    const session = await openSession(sessionRequest(profile, options), context);
    const services = await serviceStatus(session);
    if (options.output === 'json') {
      const { id, profile: name } = session.identity;
      stdout.write(
        `${maskedJson({ version: 1, instance: id, profile: name, engine: session.engine.name, services }, mask)}\n`,
      );
      return 0;
    }
    const columns = stdout.isTTY ? stdout.columns : undefined;
    stdout.write(statusText(services, { now: Date.now(), paint: await paintFor(stdout, env), mask, columns }));
    return 0;
  },
});

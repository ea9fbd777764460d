import { EnvctlError } from '../../model/errors.js';
import { defineCommand } from '../command.js';
import { instanceOptions, sessionRequest } from '../options.js';

export const port = defineCommand({
  name: 'port',
  arguments: '<profile> [service] [port]',
  usage: '[options] <profile> <service> [port]',
  group: 'Inspection commands:',
  summary: "Print the address of a service's port on this host",
  options: instanceOptions,
  examples: [
    ['envctl port shop db'],
    ['envctl port shop queue admin', 'A port by its name'],
    ['envctl port shop app 8080'],
  ],
  run: async ({ profile, operands: [service, port], options, context }) => {
    if (service === undefined)
      throw new EnvctlError('USAGE', '`envctl port` needs a service', {
        hint: `Run \`envctl port ${profile ?? '-f <file>'} <service> [port]\`.`,
      });
    const [{ openSession }, { outsideAddress, requireInstance }] = await Promise.all([
      import('../../app/session.js'),
      import('../../app/running-services.js'),
    ]);
    const session = await openSession(sessionRequest(profile, options), context);
    requireInstance(session);
    const address = outsideAddress(session, service, port);
    context.stdout.write(`${address.host}:${address.port}\n`);
    return 0;
  },
});

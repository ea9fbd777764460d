import { fstatSync } from 'node:fs';
import { Option } from 'commander';
import { EnvctlError } from '../../model/errors.js';
import { defineCommand } from '../command.js';
import { count, type TypedOption, text } from '../option-kinds.js';
import { instanceOptions, sessionRequest } from '../options.js';

const tty: TypedOption<boolean> = {
  build: () => [
    new Option('-t, --tty', 'Attach this terminal; the default if standard input is one').default(
      process.stdin.isTTY === true,
    ),
    new Option('-T, --no-tty', 'Do not attach this terminal'),
  ],
  read: (value) => value === true,
};

export const exec = defineCommand({
  name: 'exec',
  arguments: '<profile> [service] [command...]',
  usage: '[options] <profile> <service> <command...>',
  group: 'Inspection commands:',
  summary: 'Run a command in a running service',
  options: {
    tty,
    user: text('-u, --user <user>', 'Run the command as this user'),
    replica: count('--replica <number>', 'Run the command in this replica (default: 1)', 1),
    ...instanceOptions,
  },
  passThrough: true,
  examples: [['envctl exec shop db psql -U app'], ['envctl exec -T shop app -- python3 manage.py check']],
  run: async ({ profile, operands: [service, ...operands], command, options, context }) => {
    const argv = [...operands, ...command];
    if (service === undefined || argv.length === 0)
      throw new EnvctlError('USAGE', `\`envctl exec\` needs a ${service === undefined ? 'service' : 'command'}`, {
        hint: `Run \`envctl exec ${profile ?? '-f <file>'} ${service ?? '<service>'} <command>\`.`,
      });
    const [{ openSession }, { requireInstance, requireService }] = await Promise.all([
      import('../../app/session.js'),
      import('../../app/running-services.js'),
    ]);
    const session = await openSession(sessionRequest(profile, options), context);
    requireInstance(session);
    requireService(session, service);
    const target = { instance: session.identity.id, service, replica: options.replica ?? 1 };
    const result = await session.engine.exec(target, argv, {
      signal: context.signal,
      interactive: options.tty || hasInput(),
      ...(options.user === null ? {} : { user: options.user }),
    });
    context.stdout.write(result.stdout);
    context.stderr.write(result.stderr);
    return result.exitCode;
  },
});

/** Whether standard input is a file or a pipe: `envctl exec shop db psql < dump.sql`. */
function hasInput(): boolean {
  try {
    const input = fstatSync(0);
    return input.isFile() || input.isFIFO() || input.isSocket();
  } catch {
    return false;
  }
}

import { defineCommand } from '../command.js';
import { choice, flag } from '../option-kinds.js';
import { instanceOptions, profileOptions, profileSettings, sessionRequest } from '../options.js';

export const config = defineCommand({
  name: 'config',
  arguments: '[profile]',
  group: 'Inspection commands:',
  summary: 'Check a profile and print it merged and with all defaults',
  options: {
    output: choice('--output <format>', 'Output format', { choices: ['yaml', 'json'], default: 'yaml' }),
    quiet: flag('-q, --quiet', 'Only check the profile'),
    ...profileOptions,
    ...instanceOptions,
  },
  run: async ({ profile, options, context }) => {
    const [{ openSession }, { describeEnvironment, resolveProfile }, { maskedUnder }] = await Promise.all([
      import('../../app/session.js'),
      import('../../app/resolve-profile.js'),
      import('../../ui/json.js'),
    ]);
    const session = await openSession(sessionRequest(profile, options), context);
    const settings = { ...profileSettings(options, context), services: [], without: [] };
    const environment = await resolveProfile(session, settings);
    if (options.quiet) return 0;
    const mask = (name: string, value: string): string => maskedUnder(name, value, context.mask);
    const shown = JSON.stringify(masked({ version: 1, ...describeEnvironment(environment) }, mask), null, 2);
    context.stdout.write(
      options.output === 'json'
        ? `${shown}\n`
        : (await import('../../files/yaml/to-yaml.js')).toYaml(JSON.parse(shown)),
    );
    return 0;
  },
});

/** Masks values only: names are never secret. */
function masked(value: unknown, mask: (name: string, value: string) => string, name = ''): unknown {
  if (typeof value === 'string') return mask(name, value);
  if (Array.isArray(value)) return value.map((item) => masked(item, mask));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item, mask, key)]));
}

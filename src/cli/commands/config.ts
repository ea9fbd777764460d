import { resolveFor } from '../../app/bring-up.js';
import { openForReading } from '../../app/session.js';
import type { Environment } from '../../model/environment.js';
import { maskedUnder } from '../../ui/json.js';
import type { CliContext } from '../context.js';
import { bringUpOptions, type UpCommandOptions } from './up.js';

/** `envctl config`: the resolved environment, secrets hidden; exit 2 with the place where the profile is wrong. */
export async function configCommand(
  profile: string | undefined,
  options: Omit<UpCommandOptions, 'output'> & { readonly output: 'yaml' | 'json' },
  context: CliContext,
): Promise<number> {
  const session = await openForReading(profile, options, context);
  const settings = bringUpOptions({ ...options, output: 'text', storage: 'auto' }, context);
  const environment = await resolveFor(session, { ...settings, services: [], reuse: 'reconcile' }, context);
  if (options.quiet) return 0;
  const shown = JSON.stringify(masked(withoutPositions(environment), context.mask), null, 2);
  if (options.output === 'json') context.stdout.write(`${shown}\n`);
  else context.stdout.write((await import('../../files/yaml/to-yaml.js')).toYaml(JSON.parse(shown) as unknown));
  return 0;
}

/** Names are nobody's secret. */
function masked(value: unknown, mask: (text: string) => string, name = ''): unknown {
  if (typeof value === 'string') return maskedUnder(name, value, mask);
  if (Array.isArray(value)) return value.map((item) => masked(item, mask));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, masked(item, mask, name)]));
}

function withoutPositions(environment: Environment): unknown {
  return JSON.parse(
    JSON.stringify({ version: 1, ...environment, absent: undefined }, (key, value: unknown) =>
      key === 'position' || key === 'keyPositions' ? undefined : value,
    ),
  );
}

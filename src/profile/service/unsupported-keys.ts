import type { Environment } from '../../model/environment.js';
import { EnvctlError, suggest } from '../../model/errors.js';
import { isMap, type TemplateMap } from '../../model/json.js';
import type { Merged } from '../layers/merge.js';
import type { ResolveInput } from '../resolve-input.js';

/** Compose keys that mean the same for a process. */
const acting = [
  'environment',
  'depends_on',
  'scale',
  'ports',
  'profiles',
  'image',
  'build',
  'deploy',
  'healthcheck',
  'stop_grace_period',
];

/**
 * Where only processes run nobody else reads Compose's keys: an unknown one is refused, and those that cannot act are said once.
 * Throws PROFILE_INVALID at the key.
 */
export function processNotices(
  written: Merged,
  input: ResolveInput,
  chosen: Environment['services'],
): readonly string[] {
  if (input.runs.includes('container')) return [];
  return chosen.flatMap(({ name, process }) => {
    const service = servicesOf(written)[name];
    const keys = isMap(service) ? Object.keys(service).filter((key) => !key.startsWith('x-')) : [];
    for (const key of keys) if (!input.serviceKeys.includes(key)) throw unknownKey(name, key, { written, input });
    // Who wrote a command for the process has said what takes the place of the container's words.
    if (process?.kind === 'command') return [];
    const idle = keys.filter((key) => input.composeKeys.includes(key) && !acting.includes(key));
    return idle.length === 0
      ? []
      : [`${name}: ${idle.join(', ')} cannot act on a process and ${idle.length === 1 ? 'is' : 'are'} left out`];
  });
}

const servicesOf = (written: Merged): TemplateMap => (isMap(written.value.services) ? written.value.services : {});

function unknownKey(
  name: string,
  key: string,
  { written, input }: { written: Merged; input: ResolveInput },
): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', `service "${name}" has an unknown key "${key}"`, {
    hint: suggest(key, input.serviceKeys),
    position: written.position(['services', name, key]),
  });
}

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
 * An engine of processes ignores Compose keys: refuses an unknown one, and lists those without effect once.
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
    // A declared process command replaces the keys of the container.
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
  return new EnvctlError('PROFILE_INVALID', `Service "${name}" has an unknown key "${key}"`, {
    hint: suggest(key, input.serviceKeys),
    position: written.position(['services', name, key]),
  });
}

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
 * Without containers Compose does not check its keys: unknown ones are refused here, unsupported ones reported once.
 * Throws PROFILE_INVALID at an unknown key.
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
    // A service with its own command declares how it runs without its container keys.
    if (process?.kind === 'command') return [];
    const idle = keys.filter((key) => input.composeKeys.includes(key) && !acting.includes(key));
    return idle.length === 0
      ? []
      : [`${name}: ${idle.join(', ')} ${idle.length === 1 ? 'has' : 'have'} no effect on a process`];
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

import type { Environment } from '../model/environment.js';
import { EnvctlError } from '../model/errors.js';
import type { DeclaredProbe, Service } from '../model/service.js';
import type { Reference } from '../model/template-text.js';
import { askedFrom } from '../profile/probes/kinds.js';
import { referenceText } from '../profile/references/grammar.js';
import { referencesIn } from '../profile/references/template-text.js';

export interface ReservedPort {
  readonly service: string;
  readonly port: string;
}

/** Ports whose outside address a configuration refers to, so it must be known before start. Throws PROFILE_INVALID. */
export function portsToReserve(environment: Environment): readonly ReservedPort[] {
  const byName = new Map(environment.services.map((service) => [service.name, service]));
  const found = new Map<string, ReservedPort>();
  for (const service of environment.services) {
    const outside = [
      ...referencesOf([service.compose, service.process]).filter(({ path }) => path[0] === 'outside'),
      ...referencesOf(fromHost(service)).filter(({ path }) => path[0] !== 'inside'),
    ];
    for (const reference of outside) {
      const owner = byName.get(reference.owner);
      const port = owner && portOf(reference, owner);
      if (owner === undefined || port === undefined) continue;
      if (owner.scale > 1) throw severalReplicas(owner, reference, service);
      found.set(`${owner.name}.${port}`, { service: owner.name, port });
    }
  }
  return [...found.values()];
}

const referencesOf = (value: unknown): readonly Reference[] => referencesIn(value).map(({ reference }) => reference);

/** Probes asked from this host; commands in the service use inside addresses. */
const fromHost = ({ gate }: Service): readonly DeclaredProbe[] =>
  (gate.probes ?? []).filter((probe) => askedFrom(probe) === 'host');

/** The port whose address a reference reads; undefined: it reads another property. */
function portOf({ path }: Reference, { ports, parameters }: Service): string | undefined {
  const [first = ''] = path[0] === 'outside' ? path.slice(1) : path;
  if (Object.hasOwn(parameters, first)) return undefined;
  const name = Object.hasOwn(ports, first) ? first : 'main';
  return Object.hasOwn(ports, name) ? name : undefined;
}

function severalReplicas({ name, scale }: Service, reference: Reference, { position }: Service): EnvctlError {
  return new EnvctlError(
    'PROFILE_INVALID',
    `"${referenceText(reference)}" is a single address, but "${name}" has ${scale} replicas`,
    {
      hint: 'Refer to its inside address, or set `scale: 1`.',
      position,
    },
  );
}

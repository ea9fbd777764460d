import type { Address } from '../model/connection.js';
import { EnvctlError, suggest } from '../model/errors.js';
import type { Observed } from '../model/observed.js';
import type { Session } from './session.js';

/** Throws INSTANCE_UNKNOWN if the engine has no replica of the instance. */
export function requireInstance({ observed, identity }: Session): void {
  if (observed.length > 0) return;
  const { id, profile, source } = identity;
  const target = source.kind === 'compose' ? `-f ${source.files.join(' -f ')}` : profile;
  throw new EnvctlError('INSTANCE_UNKNOWN', `Instance "${id}" is not running`, {
    hint: source.kind === 'id' ? 'Run `envctl ls` to list all instances.' : `Run \`envctl up ${target}\` first.`,
  });
}

export const serviceNames = ({ observed }: Session): readonly string[] => [
  ...new Set(observed.map(({ service }) => service)),
];

/** The replicas of the given services, by default of all. Throws USAGE for a service that does not run. */
export function replicasOf(session: Session, services: readonly string[]): readonly Observed[] {
  const names = serviceNames(session);
  for (const name of services) if (!names.includes(name)) throw notRunning(name, names);
  return session.observed.filter(({ service }) => services.length === 0 || services.includes(service));
}

/** Throws USAGE if the service does not run. */
export function requireService(session: Session, service: string): Observed {
  const [replica] = replicasOf(session, [service]);
  if (!replica) throw notRunning(service, serviceNames(session));
  return replica;
}

const notRunning = (service: string, names: readonly string[]): EnvctlError =>
  new EnvctlError('USAGE', `Service "${service}" is not running`, { hint: suggest(service, names) });

/** A port's address on this host; the port by name or container port. Throws USAGE if it has no address. */
export function outsideAddress(session: Session, service: string, port = 'main'): Address {
  const { record, outside } = requireService(session, service);
  const declared = Object.entries(record?.ports ?? {}).find(
    ([name, { inside }]) => name === port || String(inside) === port,
  );
  const name = declared?.[0] ?? port;
  const address = outside[name];
  if (address) return address;
  throw new EnvctlError('USAGE', `Service "${service}" has no port "${name}" on this host`, {
    hint: suggest(name, Object.keys(outside)),
  });
}

import { openForReading } from '../../app/session.js';
import { EnvctlError, suggest } from '../../model/errors.js';
import type { CliContext } from '../context.js';
import type { GlobalOptions } from '../options.js';
import { requireRunning } from './env.js';

/** `envctl port <profile> <service> [port]`: `host:port` as seen from here; the port by name or number, `main` unless said. */
export async function portCommand(
  profile: string | undefined,
  service: string | undefined,
  port: string | undefined,
  options: GlobalOptions,
  context: CliContext,
): Promise<number> {
  if (service === undefined)
    throw new EnvctlError('USAGE', 'port needs a service', {
      hint: `envctl port ${profile ?? '-f <file>'} <service> [port].`,
    });
  const session = await openForReading(profile, options, context);
  requireRunning(session);
  const seen = session.observed.find((one) => one.service === service);
  if (!seen)
    throw new EnvctlError('USAGE', `nothing of "${service}" runs`, {
      hint: suggest(service, [...new Set(session.observed.map((one) => one.service))]),
    });
  const name =
    Object.entries(seen.record?.ports ?? {}).find(
      ([key, { inside }]) => key === port || String(inside) === port,
    )?.[0] ??
    port ??
    'main';
  const address = seen.outside[name];
  if (!address)
    throw new EnvctlError('USAGE', `"${service}" has no port "${name}" on this host`, {
      hint: suggest(name, Object.keys(seen.outside)),
    });
  context.stdout.write(`${address.host}:${address.port}\n`);
  return 0;
}

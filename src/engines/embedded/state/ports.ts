/** Ports that an instance holds from its first `up` to its removal. */
import { mkdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import type { Environment } from '../../../model/environment.js';
import { EnvctlError } from '../../../model/errors.js';
import type { Service } from '../../../model/service.js';
import type { EmbeddedContext, Replica } from '../context.js';
import { entriesIn, linkTarget } from './paths.js';

export const loopback = '127.0.0.1';

/** Below the range of ephemeral ports, so no client's source port can take one while its service is down. */
const range = { first: 20_000, last: 32_700 };
const attempts = 200;

/** Ports of one replica by name. */
export type PortNumbers = Readonly<Record<string, number>>;

interface PortClaim extends Replica {
  readonly name: string;
}

/**
 * A claim is a link `<port>` → `<instance>/<service>/<replica>/<name>`: created in one step, and refused if it exists.
 * Unlike a container's ports, those of a process are chosen before anything listens on them.
 */
const claimsFolder = (context: EmbeddedContext): string => path.join(context.stateDir, '.ports');

/** Ports that an instance has claimed, by `<service>/<replica>/<name>`. */
export function claimedPorts(context: EmbeddedContext, instance: string): ReadonlyMap<string, number> {
  const claims = entriesIn(claimsFolder(context)).map(
    (name) => [linkTarget(path.join(claimsFolder(context), name)) ?? '', Number(name)] as const,
  );
  return new Map(
    claims
      .filter(([owner]) => owner.startsWith(`${instance}/`))
      .map(([owner, port]) => [owner.slice(instance.length + 1), port]),
  );
}

export const portKey = ({ service, replica, name }: Omit<PortClaim, 'instance'>): string =>
  `${service}/${replica}/${name}`;

/**
 * Claims a free port for each port that has none yet, those of `extra` included, and returns all of them.
 * Fixed ports are returned without a claim. Throws PORT_TAKEN.
 */
export async function reservePorts(
  context: EmbeddedContext,
  { id, services }: Environment,
  extra: (service: Service) => readonly string[],
): Promise<ReadonlyMap<string, number>> {
  mkdirSync(claimsFolder(context), { recursive: true });
  const ports = new Map(claimedPorts(context, id));
  for (const service of services) {
    for (const name of [...Object.keys(service.ports), ...extra(service)]) {
      for (let replica = 1; replica <= service.scale; replica++) {
        const claim = { instance: id, service: service.name, replica, name };
        const fixed = service.ports[name]?.fixed ?? null;
        if (fixed !== null) ports.set(portKey(claim), fixed);
        else if (!ports.has(portKey(claim))) ports.set(portKey(claim), await claimFreePort(context, claim));
      }
    }
  }
  return ports;
}

async function claimFreePort(context: EmbeddedContext, claim: PortClaim): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = range.first + Math.floor(Math.random() * (range.last - range.first));
    if ((await isFree(port)) && claimPort(context, claim, port)) return port;
  }
  throw new EnvctlError('PORT_TAKEN', `No free port on ${loopback} between ${range.first} and ${range.last}`, {
    hint: 'Run `envctl ls` to find the instances that hold ports, and `envctl down <id>` to free those of one.',
    service: claim.service,
  });
}

/** False if another instance was faster. */
function claimPort(context: EmbeddedContext, { instance, ...rest }: PortClaim, port: number): boolean {
  try {
    symlinkSync(`${instance}/${portKey(rest)}`, path.join(claimsFolder(context), String(port)));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Gives back the ports that an instance has claimed. */
export function releasePorts(context: EmbeddedContext, instance: string): void {
  for (const port of claimedPorts(context, instance).values()) {
    try {
      unlinkSync(path.join(claimsFolder(context), String(port)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** True if a server could listen on this port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: loopback, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Throws PORT_TAKEN if another program listens on a port of this service. */
export async function requireFree(service: string, ports: PortNumbers): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    if (await isFree(port)) continue;
    throw new EnvctlError('PORT_TAKEN', `Port ${port} of "${service}" (${name}) is in use by another program`, {
      hint:
        `Run \`lsof -i :${port}\` to find that program. ` +
        'If the profile does not fix the port, `envctl down` and `envctl up` choose another one.',
      service,
    });
  }
}

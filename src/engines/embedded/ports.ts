/** Ports that belong to an instance for its life. */
import { mkdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import type { Environment } from '../../model/environment.js';
import { EnvctlError } from '../../model/errors.js';
import type { Service } from '../../model/service.js';
import { type EmbeddedContext, linkOf, namesIn, type Replica } from './context.js';

export const loopback = '127.0.0.1';

/** Below the range from which systems take source ports, so that no client of somebody's can sit on one while its service is down. */
const range = { first: 20_000, last: 32_700 };
const attempts = 200;

/** Ports of one replica by name. */
export type Ports = Readonly<Record<string, number>>;

/** A port of a replica, as claims name it. */
interface Claim extends Replica {
  readonly name: string;
}

/**
 * A claim is a link `<port>` → `<instance>/<service>/<replica>/<name>`: made in one step, so never half-made, and refused where one is.
 * Ports of processes, unlike those of containers, are chosen before anything listens on them.
 */
const claimsFolder = (world: EmbeddedContext): string => path.join(world.stateDir, '.ports');

/** What an instance has claimed, by `<service>/<replica>/<name>`. */
export function claimsOf(world: EmbeddedContext, instance: string): ReadonlyMap<string, number> {
  const claims = namesIn(claimsFolder(world)).map(
    (name) => [linkOf(path.join(claimsFolder(world), name)) ?? '', Number(name)] as const,
  );
  return new Map(
    claims
      .filter(([owner]) => owner.startsWith(`${instance}/`))
      .map(([owner, port]) => [owner.slice(instance.length + 1), port]),
  );
}

export const keyOf = ({ service, replica, name }: Omit<Claim, 'instance'>): string => `${service}/${replica}/${name}`;

/** Claims a free port for every name in `wanted` that has none, and returns all. Fixed ports are tested, not claimed. Throws PORT_TAKEN. */
export async function reserve(
  world: EmbeddedContext,
  { id, services }: Environment,
  extra: (service: Service) => readonly string[],
): Promise<ReadonlyMap<string, number>> {
  mkdirSync(claimsFolder(world), { recursive: true });
  const claimed = new Map(claimsOf(world, id));
  for (const service of services) {
    for (const name of [...Object.keys(service.ports), ...extra(service)]) {
      for (let replica = 1; replica <= service.scale; replica++) {
        const claim = { instance: id, service: service.name, replica, name };
        const fixed = service.ports[name]?.fixed ?? null;
        if (fixed !== null) claimed.set(keyOf(claim), fixed);
        else if (!claimed.has(keyOf(claim))) claimed.set(keyOf(claim), await claimFree(world, claim));
      }
    }
  }
  return claimed;
}

async function claimFree(world: EmbeddedContext, claim: Claim): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = range.first + Math.floor(Math.random() * (range.last - range.first));
    if ((await isFree(port)) && claimed(world, claim, port)) return port;
  }
  throw new EnvctlError('PORT_TAKEN', `no free port on ${loopback} between ${range.first} and ${range.last}`, {
    hint: '`envctl ls` shows the instances that hold ports; `envctl down <id>` frees those of one.',
    service: claim.service,
  });
}

function claimed(world: EmbeddedContext, { instance, ...rest }: Claim, port: number): boolean {
  try {
    symlinkSync(`${instance}/${keyOf(rest)}`, path.join(claimsFolder(world), String(port)));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Gives back what an instance has claimed: all of it, or what `only` accepts. */
export function release(world: EmbeddedContext, instance: string, only: (key: string) => boolean = () => true): void {
  for (const [key, port] of claimsOf(world, instance)) {
    if (!only(key)) continue;
    try {
      unlinkSync(path.join(claimsFolder(world), String(port)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** Whether a server could listen there now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: loopback, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Throws PORT_TAKEN where somebody else listens on a port that a service is about to take. */
export async function requireFree(service: string, ports: Ports): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    if (await isFree(port)) continue;
    throw new EnvctlError('PORT_TAKEN', `port ${port} of "${service}" (${name}) is in use by another program`, {
      hint: `\`lsof -i :${port}\` names it. Where the profile does not fix the port, \`envctl down\` and \`up\` choose another.`,
      service,
    });
  }
}

import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { deadline } from '../../../model/deadline.js';
import { EnvctlError } from '../../../model/errors.js';
import type { ProcessEnv } from '../../../model/host.js';
import type { Endpoint } from '../api/endpoint.js';
import type { EngineApi } from '../api/engine-api.js';

/** How services are reached from this process. */
export type HostAccess =
  /** Through published ports, which bind `bind`. */
  | {
      readonly kind: 'published';
      readonly host: string;
      readonly bind: string;
      /** Whether the ports are this machine's, so that binding one here shows whether it is free. */
      readonly local: boolean;
    }
  /** This process runs in a container of the same engine and joins the instance's networks: outside is inside. */
  | { readonly kind: 'joined'; readonly container: string };

export const loopback = '127.0.0.1';

/** ENVCTL_HOST if set; else loopback for a local engine, and the engine's address for tcp:// and ssh://. */
export async function findHostAccess(api: EngineApi, env: ProcessEnv): Promise<HostAccess> {
  const endpoint = await api.endpoint();
  const chosen = env.ENVCTL_HOST;
  const container = chosen || endpoint.kind !== 'socket' ? null : await ownContainer(api);
  if (container !== null) return { kind: 'joined', container };
  const host = chosen || (endpoint.kind === 'socket' ? loopback : endpoint.host);
  const address = isIP(host) > 0 ? host : await resolve(host, chosen ? 'ENVCTL_HOST' : endpoint.origin);
  if (address.startsWith('127.') || address === '::1')
    return { kind: 'published', host: loopback, bind: loopback, local: true };
  return { kind: 'published', host, bind: address, local: false };
}

/** A notice for users if services are reachable in an unusual way, or by others; else null. */
export function hostAccessNotice({ url, origin }: Endpoint, access: HostAccess): string | null {
  if (access.kind === 'joined')
    return (
      'envctl runs in a container of the same engine: it joins the networks of the instance, ' +
      'and services are reached at their inside addresses'
    );
  if (access.bind === loopback) return null;
  return (
    `The engine is ${url} (from ${origin}): ports are published on ${access.bind}, not on loopback, ` +
    'and anyone who reaches that address can connect'
  );
}

/**
 * The container that this process runs in, if it is one of this engine's. Docker mounts a container's `hostname` file
 * from a folder named after the container's id.
 */
async function ownContainer(api: EngineApi): Promise<string | null> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const id = /\/containers\/([0-9a-f]{64})\/hostname /.exec(mounts)?.[1];
  if (id === undefined) return null;
  return (await api.inspectContainer(id, deadline(5000)))?.Id ?? null;
}

async function resolve(host: string, origin: string): Promise<string> {
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch (cause) {
    throw new EnvctlError(
      'ENGINE_UNAVAILABLE',
      `Cannot resolve the engine's host "${host}" (from ${origin}), so published ports could not be reached`,
      { hint: 'Set ENVCTL_HOST to an address of that machine.', cause },
    );
  }
}

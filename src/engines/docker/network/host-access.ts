import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { EnvctlError } from '../../../model/errors.js';
import type { Endpoint, ProcessEnvironment } from '../api/endpoint.js';

/** Where services are reached from here, and what published ports must bind for that. */
export type Outside =
  | {
      readonly kind: 'published';
      readonly host: string;
      readonly bind: string;
      /** Whether ports are taken on this machine, so that a bind test here means something. */
      readonly here: boolean;
    }
  /** This process runs in a container of the same engine, which joins the instance's networks: outside is inside. */
  | { readonly kind: 'joined'; readonly container: string };

export interface Surroundings {
  readonly endpoint: Endpoint;
  readonly env: ProcessEnvironment;
  /** Id of the container that this process runs in, if it is one of this engine's. */
  readonly ownContainer: () => Promise<string | null>;
}

export const loopback = '127.0.0.1';

/** The engine decides: a local one is reached on loopback, one behind tcp:// or ssh:// at its own address; ENVCTL_HOST overrides. */
export async function findOutside({ endpoint, env, ownContainer }: Surroundings): Promise<Outside> {
  const chosen = env.ENVCTL_HOST;
  const container = chosen || endpoint.kind !== 'socket' ? null : await ownContainer();
  if (container !== null) return { kind: 'joined', container };
  const host = chosen || (endpoint.kind === 'socket' ? loopback : endpoint.host);
  const address = isIP(host) > 0 ? host : await resolve(host, chosen ? 'ENVCTL_HOST' : endpoint.origin);
  if (address.startsWith('127.') || address === '::1')
    return { kind: 'published', host: loopback, bind: loopback, here: true };
  return { kind: 'published', host, bind: address, here: false };
}

/** What has to be said once: that ports bind an address which others may reach too; null: nothing. */
export function outsideNotice({ url, origin }: Endpoint, outside: Outside): string | null {
  if (outside.kind === 'joined')
    return 'This runs in a container of the same engine: it joins the instance’s networks, and services are reached by their inside addresses';
  if (outside.bind === loopback) return null;
  return `The engine is ${url} (from ${origin}): ports are published on ${outside.bind}, not on loopback, and whoever reaches that address reaches them`;
}

async function resolve(host: string, origin: string): Promise<string> {
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch (cause) {
    throw new EnvctlError(
      'ENGINE_UNAVAILABLE',
      `The engine's host "${host}" (from ${origin}) has no address here, so its ports could not be reached`,
      {
        hint: 'Set ENVCTL_HOST to an address of that machine.',
        cause,
      },
    );
  }
}

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { EnvctlError } from '../../core/errors.js';
import type { Emit } from '../../core/events.js';
import type { Client, Connected } from './client.js';

/** Where published ports are reached from here, and what they must bind for that. */
export interface Outside {
  readonly host: string;
  readonly bind: string;
  /** Whether ports are taken on this machine, so that a bind test here means something. */
  readonly here: boolean;
}

const loopback = '127.0.0.1';

/** The engine decides (design.md §6.6): a local one is reached on loopback, one behind tcp:// or ssh:// at its own address; ENVCTL_HOST overrides. */
export async function outsideOf(client: Client): Promise<Outside> {
  const { endpoint } = await client.connect();
  const chosen = client.options.environment['ENVCTL_HOST'];
  const host = chosen || (endpoint.kind === 'socket' ? loopback : endpoint.host);
  const address = isIP(host) > 0 ? host : await resolve(host, chosen ? 'ENVCTL_HOST' : endpoint.origin);
  if (address.startsWith('127.') || address === '::1') return { host: loopback, bind: loopback, here: true };
  return { host, bind: address, here: false };
}

/** Said once per engine object: ports bind an address that others may reach too. */
export function tellOutside(client: Client, { endpoint }: Connected, outside: Outside, emit: Emit): void {
  if (outside.bind === loopback || !client.first('outside')) return;
  emit({ type: 'notice', text: `The engine is ${endpoint.url} (from ${endpoint.origin}): ports are published on ${outside.bind}, not on loopback, and whoever reaches that address reaches them` });
}

async function resolve(host: string, origin: string): Promise<string> {
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch (cause) {
    throw new EnvctlError('ENGINE_UNAVAILABLE', `The engine's host "${host}" (from ${origin}) has no address here, so its ports could not be reached`, {
      hint: 'Set ENVCTL_HOST to an address of that machine.',
      cause,
    });
  }
}

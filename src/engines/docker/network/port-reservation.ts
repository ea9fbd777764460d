import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { EnvctlError } from '../../../model/errors.js';
import type { Service } from '../../../model/service.js';
import type { DockerClient } from '../client.js';
import type { HostAccess } from './host-access.js';
import { listeningProcess } from './port-owner.js';

const lowest = 20_000;
const highest = 32_000;

/**
 * A free port below the kernel's range for outgoing connections. The search begins at a hash of `identity`, so that an
 * instance tends to get the same port again and two instances rarely want the same one.
 */
export async function reservePort(identity: string, taken: ReadonlySet<number>, access: HostAccess): Promise<number> {
  const start = createHash('sha256').update(identity).digest().readUInt32BE(0);
  for (let step = 0; step < highest - lowest; step++) {
    const port = lowest + ((start + step * 7) % (highest - lowest));
    if (!taken.has(port) && (await isFree(port, access))) return port;
  }
  throw new EnvctlError('PORT_TAKEN', `No port between ${lowest} and ${highest} is free`, {
    hint: 'Take down instances you no longer need: `envctl ls` lists them.',
  });
}

/** True as well for ports of another machine, which cannot be tested. */
export async function isFree(port: number, access: HostAccess): Promise<boolean> {
  if (access.kind === 'joined' || !access.local) return true;
  return new Promise((resolve) => {
    const server = createServer();
    // Only a listener counts: the engine may bind ports that this user may not (below 1024).
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ port, host: access.bind, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Throws PORT_TAKEN, with the container or process that holds the port if it can be found. */
export async function refuseTakenPort(
  service: Service,
  port: number,
  {
    client,
    access,
    signal,
  }: { readonly client: DockerClient; readonly access: HostAccess; readonly signal: AbortSignal },
): Promise<void> {
  if (await isFree(port, access)) return;
  const holder = (await publishingContainer(client, port, signal)) ?? (await listeningProcess(port));
  const inside = Object.values(service.ports).find(({ fixed }) => fixed === port)?.inside ?? port;
  throw new EnvctlError(
    'PORT_TAKEN',
    `Port ${port} of service "${service.name}" is already in use${holder === null ? '' : ` by ${holder}`}`,
    {
      hint: `Free the port, or leave the host port out (\`port: ${inside}\`) and envctl chooses one.`,
      service: service.name,
      position: service.position,
    },
  );
}

async function publishingContainer(client: DockerClient, port: number, signal: AbortSignal): Promise<string | null> {
  const filters = { publish: [String(port)], status: ['running', 'paused', 'restarting'] };
  const [container] = await client.api.listContainers(filters, signal);
  const name = container?.Names[0]?.replace(/^\//, '');
  return name === undefined ? null : `container "${name}"`;
}

import type { ProcessEnv } from '../../../model/host.js';
import { type Endpoint, findEndpoint } from './endpoint.js';
import type { Transport } from './http.js';
import { openSshTunnel } from './ssh-tunnel.js';

/** Everything a request to the engine needs. */
export interface EngineConnection {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  /** `/v1.43` if DOCKER_API_VERSION fixes one, else empty: the engine's newest. */
  readonly prefix: string;
}

export async function openEngineConnection(env: ProcessEnv): Promise<EngineConnection> {
  const endpoint = await findEndpoint(env);
  const version = env.DOCKER_API_VERSION;
  return { endpoint, transport: await openTransport(endpoint, env), prefix: version ? `/v${version}` : '' };
}

async function openTransport(endpoint: Endpoint, env: ProcessEnv): Promise<Transport> {
  return endpoint.kind === 'ssh' ? { kind: 'socket', socketPath: await openSshTunnel(endpoint.url, env) } : endpoint;
}

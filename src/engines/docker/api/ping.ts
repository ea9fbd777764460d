import { EnvctlError } from '../../../model/errors.js';
import { type Endpoint, findEndpoint, type ProcessEnvironment } from './endpoint.js';
import { type Answer, ask, openTransport, type Transport } from './transport.js';

const pingTimeoutMs = 5000;

/** Version of the engine that answers within `timeoutMs`, else null. Costs one request and imports nothing. */
export async function dockerAnswers(env: ProcessEnvironment, timeoutMs: number): Promise<string | null> {
  try {
    const endpoint = await findEndpoint(env);
    const transport = await openTransport(endpoint, env);
    const answer = await ask(transport, '/_ping', { timeoutMs });
    return answer.status === 200 ? versionOf(answer) : null;
  } catch {
    return null;
  }
}

/** Asks the engine whether it is there; throws ENGINE_UNAVAILABLE with the endpoint and where the setting came from. */
export async function pingEngine(
  engine: { readonly endpoint: Endpoint; readonly transport: Transport; readonly prefix: string },
  signal: AbortSignal,
): Promise<{ readonly version: string; readonly endpoint: string }> {
  const { endpoint, transport, prefix } = engine;
  const answer = await ask(transport, `${prefix}/_ping`, { signal, timeoutMs: pingTimeoutMs }).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      throw unavailable(endpoint, error);
    },
  );
  if (answer.status === 200) return { version: versionOf(answer), endpoint: endpoint.url };
  throw unavailable(endpoint, new Error(messageOf(answer.body)));
}

/** ENGINE_UNAVAILABLE with the reason in words and the remedy that fits it. */
export function unavailable(endpoint: Endpoint, cause: unknown): EnvctlError {
  const why = reasonOf(cause);
  return new EnvctlError(
    'ENGINE_UNAVAILABLE',
    `The Docker Engine at ${endpoint.url} (from ${endpoint.origin}) ${why.text}`,
    {
      hint: why.hint(endpoint),
      cause,
    },
  );
}

/** The engine's own words of an error body. */
export function messageOf(body: string): string {
  const found = /"message":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1];
  return found === undefined ? body.trim().slice(0, 500) : String(JSON.parse(`"${found}"`)).trim();
}

function versionOf(answer: Answer): string {
  const server = String(answer.headers.server ?? '');
  return /^[^/]+\/(\S+)/.exec(server)?.[1] ?? 'unknown';
}

interface Reason {
  readonly text: string;
  readonly hint: (endpoint: Endpoint) => string;
}

const startIt = (endpoint: Endpoint): string =>
  endpoint.origin.startsWith('the default')
    ? 'Start Docker (`systemctl start docker`, or Docker Desktop), or point DOCKER_HOST or DOCKER_CONTEXT at an engine.'
    : `Start the engine there, or change ${endpoint.origin}.`;

const joinGroup = (): string =>
  'Add yourself to the group that owns the socket (`sudo usermod -aG docker $USER`, then log in again), or use a rootless engine.';

const reasons: Readonly<Record<string, Reason>> = {
  ENOENT: { text: 'is not there: no such socket', hint: startIt },
  ECONNREFUSED: { text: 'refuses connections', hint: startIt },
  EACCES: { text: 'may not be used: permission denied', hint: joinGroup },
  EPERM: { text: 'may not be used: permission denied', hint: joinGroup },
  ENOTFOUND: { text: 'is not there: its host name is unknown', hint: startIt },
  ETIMEDOUT: { text: 'does not answer', hint: startIt },
};

function reasonOf(cause: unknown): Reason {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const words = cause instanceof Error ? cause.message : String(cause);
  const versions = /client version|API version/i.test(words);
  const hint = versions ? () => 'Unset DOCKER_API_VERSION, or use an engine that speaks that version.' : startIt;
  return reasons[code] ?? { text: `cannot be used: ${words}`, hint };
}

import type { ProcessEnv } from '../../../model/host.js';
import { messageIn } from './api-error.js';
import { type EngineConnection, openEngineConnection } from './engine-connection.js';
import { engineUnavailable } from './engine-unavailable.js';
import { type HttpResponse, sendRequest } from './http.js';

const pingTimeoutMs = 5000;

/** The version of the engine that answers within `timeoutMs`, else null. */
export async function dockerAnswers(env: ProcessEnv, timeoutMs: number): Promise<string | null> {
  try {
    const { transport } = await openEngineConnection(env);
    const response = await sendRequest(transport, { path: '/_ping', timeoutMs });
    return response.status === 200 ? versionIn(response) : null;
  } catch {
    return null;
  }
}

/** The engine's version. Throws ENGINE_UNAVAILABLE with the endpoint and where its setting came from. */
export async function pingEngine(
  { endpoint, transport, prefix }: EngineConnection,
  signal: AbortSignal,
): Promise<string> {
  const request = { path: `${prefix}/_ping`, signal, timeoutMs: pingTimeoutMs };
  const response = await sendRequest(transport, request).catch((error: unknown) => {
    signal.throwIfAborted();
    throw engineUnavailable(endpoint, error);
  });
  if (response.status === 200) return versionIn(response);
  throw engineUnavailable(endpoint, new Error(messageIn(response.body)));
}

function versionIn({ headers }: HttpResponse): string {
  return /^[^/]+\/(\S+)/.exec(String(headers.server ?? ''))?.[1] ?? 'unknown';
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../../../model/json.js';
import { ApiError, messageIn, translateLostConnection } from './api-error.js';
import type { EngineConnection } from './engine-connection.js';
import { type HttpResponse, openStream, readBody, sendRequest } from './http.js';

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** Requests to one engine. All reject with ApiError if it refuses, and with ENGINE_UNAVAILABLE if it is lost. */
export interface Requests {
  /** Retries resets and server errors; null: no such object. */
  get<T>(path: string, signal: AbortSignal): Promise<T | null>;
  post(path: string, options: CallOptions & { readonly body?: Json }): Promise<void>;
  delete(path: string, options: CallOptions): Promise<void>;
  /** Output until the signal aborts; null: no such object. */
  stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | null>;
}

const readTimeoutMs = 20_000;
const maxAttempts = 3;
/** The object is already as requested: started, stopped. */
const notModified = 304;

export function requestsOver(connect: () => Promise<EngineConnection>): Requests {
  return {
    get: async <T>(path: string, signal: AbortSignal) => {
      const connection = await connect();
      return parse<T>(await translated(connection, signal, readWithRetry(connection, path, signal)));
    },
    post: async (path, options) => send(await connect(), 'POST', { ...options, path }),
    delete: async (path, options) => send(await connect(), 'DELETE', { ...options, path }),
    stream: async (path, signal) => {
      const connection = await connect();
      return translated(connection, signal, openOutput(connection, path, signal));
    },
  };
}

/** Awaits `work`; on failure throws the signal's reason, ENGINE_UNAVAILABLE or the error itself. */
export async function translated<T>({ endpoint }: EngineConnection, signal: AbortSignal, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    signal.throwIfAborted();
    throw translateLostConnection(error, endpoint);
  }
}

async function send(
  connection: EngineConnection,
  method: 'POST' | 'DELETE',
  request: CallOptions & { readonly path: string; readonly body?: Json },
): Promise<void> {
  const { transport, prefix } = connection;
  const sent = sendRequest(transport, { ...request, method, path: prefix + request.path });
  const response = await translated(connection, request.signal, sent);
  if (response.status >= 300 && response.status !== notModified) throw refusal(response);
}

async function readWithRetry(
  { transport, prefix }: EngineConnection,
  path: string,
  signal: AbortSignal,
): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt === maxAttempts;
    const request = { path: prefix + path, signal, timeoutMs: readTimeoutMs };
    const response = await sendRequest(transport, request).catch((error: unknown) => {
      const reset = error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
      if (signal.aborted || !reset || isLast) throw error;
      return null;
    });
    if (response !== null && (response.status < 500 || isLast)) return response;
    await sleep(100 * attempt);
  }
}

async function openOutput(
  connection: EngineConnection,
  path: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array> | null> {
  const response = await openStream(connection.transport, connection.prefix + path, signal);
  if (response.statusCode !== 200) return parse(await readBody(response));
  return translatedOutput(response, connection, signal);
}

/** Output whose errors are translated as those of other calls. */
export async function* translatedOutput(
  output: AsyncIterable<Uint8Array>,
  { endpoint }: EngineConnection,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* output;
  } catch (error) {
    signal.throwIfAborted();
    throw translateLostConnection(error, endpoint);
  }
}

function parse<T>(response: HttpResponse): T | null {
  if (response.status === 404) return null;
  if (response.status === 200) return JSON.parse(response.body) as T;
  throw refusal(response);
}

function refusal({ status, body }: HttpResponse): ApiError {
  return new ApiError(status, messageIn(body));
}

import { EnvctlError } from '../../../model/errors.js';
import type { Endpoint } from './endpoint.js';
import { engineUnavailable } from './engine-unavailable.js';

/** A request that the engine refused, with its own message. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** Why an API call failed. `status` is null if the engine did not answer. */
export function apiFailure(error: unknown): { readonly status: number | null; readonly message: string } {
  if (error instanceof ApiError) return { status: error.status, message: error.message };
  return { status: null, message: error instanceof Error ? error.message : String(error) };
}

/** ENGINE_UNAVAILABLE for a lost connection or a missed deadline; any other error unchanged. */
export function translateLostConnection(error: unknown, endpoint: Endpoint): unknown {
  if (!(error instanceof Error) || error instanceof EnvctlError || !('code' in error)) return error;
  // A deadline of our own shows as an abort that the caller did not ask for.
  if (error.code === 'ABORT_ERR')
    return engineUnavailable(endpoint, Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
  return connectionCodes.has(String(error.code)) ? engineUnavailable(endpoint, error) : error;
}

/** The engine's message in the body of an error response. */
export function messageIn(body: string): string {
  const found = /"message":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1];
  return found === undefined ? body.trim().slice(0, 500) : String(JSON.parse(`"${found}"`)).trim();
}

const connectionCodes = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'EACCES',
  'EPERM',
  'ENOTFOUND',
  'ETIMEDOUT',
  'ECONNRESET',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

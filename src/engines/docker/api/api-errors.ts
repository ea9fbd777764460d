import { EnvctlError } from '../../../model/errors.js';
import type { Client } from './client.js';
import { messageOf, unavailable } from './ping.js';

/** What an engine call failed with: its status (null: no answer came) and the engine's own words. */
export function failureOf(error: unknown): { readonly status: number | null; readonly message: string } {
  if (!(error instanceof Error)) return { status: null, message: String(error) };
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : null;
  const body = 'json' in error ? JSON.stringify(error.json ?? '') : '';
  const words = body.includes('"message"')
    ? messageOf(body)
    : error.message.replace(/^\(HTTP code \d+\)[^-]*- /, '').trim();
  return { status, message: words };
}

/** Turns a lost connection into ENGINE_UNAVAILABLE and an abort into its reason; other failures stay as they are. */
export async function explained<T>(client: Client, signal: AbortSignal, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    signal.throwIfAborted();
    const lost = lossOf(error);
    throw lost === null ? error : unavailable((await client.connect()).endpoint, lost);
  }
}

/** null: the engine was there and said something. Our own deadline shows as an abort that nobody asked for. */
function lossOf(error: unknown): Error | null {
  if (!(error instanceof Error) || error instanceof EnvctlError || !('code' in error)) return null;
  if (error.code === 'ABORT_ERR')
    return Object.assign(new Error('no answer in time', { cause: error }), { code: 'ETIMEDOUT' });
  return connectionCodes.has(String(error.code)) ? error : null;
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

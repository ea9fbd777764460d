import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { deadline } from '../../../model/deadline.js';
import { formatDuration } from '../../../model/durations.js';
import type { Json } from '../../../model/json.js';
import type { Tls } from './endpoint.js';

/** How to open a connection to the engine. */
export type Transport =
  | { readonly kind: 'socket'; readonly socketPath: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: Tls | null };

export interface HttpRequest {
  /** `GET` by default. */
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: Json;
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Resolves with any status. Rejects with the socket's error, the signal's reason, or ETIMEDOUT after `timeoutMs`. */
export function sendRequest(transport: Transport, request: HttpRequest): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const signal = deadline(request.timeoutMs, request.signal);
    const body = request.body === undefined ? null : JSON.stringify(request.body);
    const { send, target } = dial(transport);
    const fail = (error: Error): void => {
      if (request.signal?.aborted) reject(request.signal.reason);
      else reject(signal.aborted ? timedOut(request.timeoutMs) : error);
    };
    const options = {
      ...target,
      method: request.method ?? 'GET',
      path: request.path,
      signal,
      headers: headersFor(body),
    };
    const sent = send(options, (response) => void readBody(response).then(resolve, fail));
    sent.on('error', fail);
    sent.end(body);
  });
}

/** A GET whose response does not end by itself (logs, events). It ends with the signal. */
export function openStream(transport: Transport, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { send, target } = dial(transport);
    // A derived signal: Node warns of a leak when many requests listen to the same one.
    const options = { ...target, path, signal: AbortSignal.any([signal]), headers: headersFor(null), agent: false };
    const sent = send(options, resolve);
    sent.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    sent.end();
  });
}

export async function readBody(response: IncomingMessage): Promise<HttpResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function headersFor(body: string | null): Readonly<Record<string, string | number>> {
  if (body === null) return { host: 'docker' };
  return { host: 'docker', 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
}

function timedOut(timeoutMs: number): Error {
  return Object.assign(new Error(`no answer within ${formatDuration(timeoutMs)}`), { code: 'ETIMEDOUT' });
}

function dial(transport: Transport): { readonly send: typeof requestHttp; readonly target: object } {
  if (transport.kind === 'socket') return { send: requestHttp, target: { socketPath: transport.socketPath } };
  const { host, port, tls } = transport;
  if (tls === null) return { send: requestHttp, target: { host, port } };
  const { ca, cert, key, verify } = tls;
  return { send: requestHttps, target: { host, port, ca, cert, key, rejectUnauthorized: verify } };
}

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Address } from '../../model/connection.js';
import type { Json } from '../../model/json.js';

export interface ExchangeOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
}
export interface HttpAnswer {
  readonly status: number;
  /** As UTF-8; cut at 64 MB. */
  readonly body: string;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** One request on its own connection. User and password in the URL become basic authentication. */
export function exchange(
  url: URL,
  { method = 'GET', headers = {}, body, signal }: ExchangeOptions,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = send(url, { method, headers: { ...length, ...headers }, agent: false, signal });
    request.on('error', reject);
    request.on('response', (response) => collect(response).then(resolve, reject));
    request.end(body);
  });
}

async function collect(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) break;
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') };
}

/** The URL of a path on an address; an absolute URL stays unchanged. */
export function urlAt({ host, port }: Address, path: string): URL {
  const authority = host.includes(':') ? `[${host}]` : host;
  return new URL(path, `http://${authority}:${port}/`);
}

/** null: the text is not JSON. */
export function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Start of a body for an error or a reason: one line, at most `limit` characters. */
export function excerpt(body: string, limit: number): string {
  const line = body.replace(/\s+/g, ' ').trim();
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}

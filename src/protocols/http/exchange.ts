import { type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import type { Address } from '../../model/connection.js';
import type { Json } from '../../model/json.js';

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
}
export interface Answer {
  readonly status: number;
  /** As UTF-8; cut at 64 MB. */
  readonly body: string;
}

const MAX_BYTES = 64 * 1024 * 1024;

/** One request on a connection of its own, which is closed behind it. User and password in the URL become basic authentication. */
export function exchange(url: URL, { method = 'GET', headers = {}, body, signal }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? overHttps : overHttp;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = send(url, { method, headers: { ...length, ...headers }, agent: false, signal });
    request.on('error', reject);
    request.on('response', (response) => collect(response).then(resolve, reject));
    request.end(body);
  });
}

async function collect(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) break;
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') };
}

/** The URL of a path on an address; an absolute URL is taken as it is. */
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

import { deadline } from '../../model/deadline.js';
import { EnvctlError } from '../../model/errors.js';
import type { Json } from '../../model/json.js';
import type { Position } from '../../model/profile.js';
import type { ServiceAccess } from '../../model/protocol.js';
import { type Answer, excerpt, exchange, parsed, urlAt } from '../http/exchange.js';
import { words } from './attempt.js';
import type { StubFile } from './stubs.js';

/** Longest that a mock server may take over one admin request. */
const REQUEST_MS = 30_000;

export interface AdminRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: Json;
}

/** One request to the admin interface of a mock server. */
export async function admin(reach: ServiceAccess, { method, path, body }: AdminRequest): Promise<Answer> {
  if (reach.at === null) throw new Error(`no address of ${reach.service} can be reached from this host`);
  const signal = deadline(REQUEST_MS, reach.signal);
  const content =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return exchange(urlAt(reach.at, path), { method, signal, ...content });
}

/** The answer's JSON. Throws where the server did not answer 2xx. */
export async function adminJson(reach: ServiceAccess, request: AdminRequest): Promise<Json> {
  const { status, body } = await admin(reach, request);
  if (status >= 200 && status < 300) return parsed(body);
  throw new Error(`${request.method} ${request.path} answered ${status}: ${excerpt(body, 200)}`);
}

/** Throws SEED_FAILED unless every stub of the file is there, by its place: a mock that lacks one must not be called ready. */
export function checkLoaded(file: StubFile, there: ReadonlySet<number>): void {
  const missing = file.stubs.findIndex((_, n) => !there.has(n));
  if (missing < 0) return;
  throw new EnvctlError('SEED_FAILED', `only ${there.size} of ${file.stubs.length} stubs are loaded`, {
    hint: 'This is the first one that the server does not have: give every stub an id of its own, or none.',
    position: file.at(missing),
  });
}

/** SEED_FAILED for an error of `server` that belongs to no stub. */
export const stubServerFailure =
  (server: string) =>
  (error: unknown, position: Position): EnvctlError =>
    new EnvctlError('SEED_FAILED', `${server}: ${words(error)}`, {
      hint: 'See its log: envctl logs.',
      position,
      cause: error,
    });

import { deadline } from '../../model/deadline.js';
import { EnvctlError } from '../../model/errors.js';
import type { Json, JsonMap } from '../../model/json.js';
import type { Position } from '../../model/profile.js';
import type { RunSeed, SeedTask, ServiceAccess } from '../../model/protocol.js';
import { messageOf, unreachable } from './errors.js';
import { excerpt, exchange, type HttpAnswer, parsed, urlAt } from './http-exchange.js';
import { withFailures } from './seed-failures.js';
import { readStubs, type StubFile, type StubMark } from './stub-file.js';

/** Time limit of one request to the admin interface. */
const REQUEST_MS = 30_000;

export interface AdminRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: Json;
}

/** One request to the admin interface of a mock server. */
export async function admin(access: ServiceAccess, { method, path, body }: AdminRequest): Promise<HttpAnswer> {
  if (access.address === null) throw unreachable(access.service);
  const signal = deadline(REQUEST_MS, access.signal);
  const content =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return exchange(urlAt(access.address, path), { method, signal, ...content });
}

/** The answer's JSON. Throws if the status is not 2xx. */
export async function adminJson(access: ServiceAccess, request: AdminRequest): Promise<Json> {
  const { status, body } = await admin(access, request);
  if (status >= 200 && status < 300) return parsed(body);
  throw new Error(`${request.method} ${request.path} answered ${status}: ${excerpt(body, 200)}`);
}

/** A kind of mock server, by what differs from the others. */
export interface StubServer {
  /** Its name in messages. */
  readonly name: string;
  /** The key of a seed file that may hold the list of stubs. */
  readonly list: string;
  /** The stub to load, with its mark. */
  mark(stub: JsonMap, mark: StubMark): JsonMap;
  /** Removes the stubs of an earlier version of the step. */
  removeFormer(access: ServiceAccess, task: SeedTask): Promise<void>;
  /** Throws SEED_FAILED at the stub that the server refuses. */
  load(access: ServiceAccess, stubs: readonly JsonMap[], file: StubFile): Promise<void>;
  /** Indexes of the stubs of this step that the server has. */
  loaded(access: ServiceAccess, task: SeedTask, stubs: readonly JsonMap[]): Promise<ReadonlySet<number>>;
}

/** Loads a file of stubs instead of an earlier version of it. A stub's own id is kept. */
export function seedStubs(server: StubServer): RunSeed<'stubs'> {
  const run: RunSeed<'stubs'> = async (access, task) => {
    const { step, hash } = { step: task.entry.index, hash: task.entry.hash };
    const file = await readStubs(task, { file: task.step.file, list: server.list });
    if (task.fresh !== true) await server.removeFormer(access, task);
    const stubs = file.stubs.map((stub, n) => server.mark(stub, { step, hash, n, of: file.stubs.length }));
    await server.load(access, stubs, file);
    checkLoaded(file, await server.loaded(access, task, stubs));
    return file.stubs.length;
  };
  return withFailures(run, (error, position) => serverFailure(server.name, error, position));
}

/** Throws SEED_FAILED unless every stub of the file is loaded: a mock that lacks one must not count as ready. */
export function checkLoaded(file: StubFile, loaded: ReadonlySet<number>): void {
  const missing = file.stubs.findIndex((_, n) => !loaded.has(n));
  if (missing < 0) return;
  throw new EnvctlError('SEED_FAILED', `Only ${loaded.size} of ${file.stubs.length} stubs are loaded`, {
    hint: 'This is the first one the server lacks: give every stub a unique id, or none.',
    position: file.at(missing),
  });
}

function serverFailure(server: string, error: unknown, position: Position): EnvctlError {
  return new EnvctlError('SEED_FAILED', `${server}: ${messageOf(error)}`, {
    hint: 'See its log: `envctl logs`.',
    position,
    cause: error,
  });
}

/** The library: environments as values for tests and other programs. */

import { type BringUpOptions, bringUp } from './app/bring-up.js';
import { type Caller, type EventSink, programCaller } from './app/caller.js';
import { readConnections } from './app/read-connections.js';
import { requireInstance } from './app/running-services.js';
import { openSession, refreshSession, type Session, type SessionRequest, withSession } from './app/session.js';
import { keptBefore, tearDown } from './app/tear-down.js';
import type { Connection, View } from './model/connection.js';
import { deadline } from './model/deadline.js';
import { EnvctlError, suggest } from './model/errors.js';
import type { EnvEvent } from './model/events.js';

export type { Address, Connection, View } from './model/connection.js';
export { EnvctlError, type ErrorCode } from './model/errors.js';
export type { EnvEvent } from './model/events.js';

export interface AttachOptions {
  /** A profile's name or an instance id. Default: the only profile of the project, or the Compose file in `cwd`. */
  readonly profile?: string;
  /** Compose files to use as the profile; later ones win. */
  readonly files?: readonly string[];
  /** Name of a second, separate instance of the profile. */
  readonly instance?: string;
  /** `compose`, `embedded` or `auto`. Default: `ENVCTL_ENGINE`, else `auto`. */
  readonly engine?: string;
  /** Folder where the project is searched and relative paths start. Default: `process.cwd()`. */
  readonly cwd?: string;
  /** Environment variables; they replace `process.env`, which is the default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: EnvEvent) => void;
}

export interface UpOptions extends AttachOptions {
  /** Parameters of the profile by name. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  /** Only these services and their dependencies. */
  readonly services?: readonly string[];
  readonly without?: readonly string[];
  /** Default `auto`: what an existing instance has, else memory. */
  readonly storage?: 'memory' | 'disk' | 'auto';
  /**
   * What to do with an existing instance. `as-is` (the default) uses what runs, leaves stopped services stopped, and
   * refuses to recreate a service that has data. `reconcile` makes the instance match the profile, as the command does.
   */
  readonly existing?: 'as-is' | 'reconcile';
  /** Overall time limit in milliseconds. Default: only the time limit of each gate. */
  readonly timeoutMs?: number;
}

/** An environment with its connections. `await using` disposes of it at the end of the scope. */
export interface RunningEnvironment extends AsyncDisposable {
  /** The instance id, as in `envctl ls`. */
  readonly id: string;
  /** The variables `envctl env` prints. */
  readonly exports: Readonly<Record<string, string>>;
  readonly connections: readonly Connection[];
  /** A service as seen from this host. Throws USAGE for a service that does not exist or has no address here. */
  connection(service: string): View;
  /** Removes the whole instance and its data, even if it existed before. */
  down(): Promise<void>;
  /** Removes what this call created, and nothing that existed before. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Brings an environment up and resolves when all services are ready and seeded. After a failure it removes what it
 * created and throws EnvctlError.
 *
 * Unlike the command `envctl up`, it leaves stopped services of an existing instance stopped and recreates nothing
 * that holds data (`existing: 'as-is'`), and a new instance stores its data in memory. Disposing removes the instance
 * if this call created it, and nothing otherwise.
 */
export async function up(options: UpOptions = {}): Promise<RunningEnvironment> {
  refuseUnknown(options, upOptionNames);
  const caller = programCaller(options);
  const sink = sinkOf(options);
  const { session, running } = await withSession(requestOf(options, caller), { caller, emit: sink.emit }, (opened) =>
    bringUp(opened, bringUpOptions(options), sink),
  );
  const created = session.observed.length === 0;
  return environmentOf(session, running, {
    sink,
    dispose: async () => (created ? removeInstance(session, sink, keptBefore(session)) : undefined),
  });
}

/**
 * Attaches to an instance that runs. It starts nothing, and disposing removes nothing; only `down()` does.
 * Throws INSTANCE_UNKNOWN if the instance is not running.
 */
export async function attach(options: AttachOptions = {}): Promise<RunningEnvironment> {
  refuseUnknown(options, attachOptionNames);
  const caller = programCaller(options);
  const session = await openSession(requestOf(options, caller), caller);
  requireInstance({ ...session, observed: session.observed.filter(({ state }) => state === 'running') });
  return environmentOf(session, readConnections(session), { sink: sinkOf(options), dispose: async () => undefined });
}

interface Ownership {
  readonly sink: EventSink;
  readonly dispose: () => Promise<void>;
}

function environmentOf(
  session: Session,
  { connections, exports }: Pick<RunningEnvironment, 'connections' | 'exports'>,
  { sink, dispose }: Ownership,
): RunningEnvironment {
  return {
    id: session.identity.id,
    exports,
    connections,
    connection: (service) => outsideView(connections, service),
    down: () => removeInstance(session, sink),
    [Symbol.asyncDispose]: dispose,
  };
}

/** Bounded by its own time limit: the caller's signal may be aborted already. */
async function removeInstance(session: Session, sink: EventSink, except: readonly string[] = []): Promise<void> {
  const signal = deadline(60_000);
  await tearDown(await refreshSession(session, signal), { graceMs: 0, data: 'remove', except, sink, signal });
}

function outsideView(connections: readonly Connection[], service: string): View {
  const connection = connections.find((one) => one.service === service);
  if (connection?.outside) return connection.outside;
  const reachable = connections.filter(({ outside }) => outside !== null).map((one) => one.service);
  const message = connection ? `Service "${service}" has no address on this host` : `No service "${service}"`;
  throw new EnvctlError('USAGE', message, { hint: suggest(service, reachable) });
}

const attachOptionNames: Readonly<Record<keyof AttachOptions, true>> = {
  profile: true,
  files: true,
  instance: true,
  engine: true,
  cwd: true,
  env: true,
  signal: true,
  onEvent: true,
};
const upOptionNames: Readonly<Record<keyof UpOptions, true>> = {
  ...attachOptionNames,
  parameters: true,
  services: true,
  without: true,
  storage: true,
  existing: true,
  timeoutMs: true,
};

function refuseUnknown(options: object, names: Readonly<Record<string, true>>): void {
  for (const name of Object.keys(options))
    if (!Object.hasOwn(names, name))
      throw new EnvctlError('USAGE', `Unknown option "${name}"`, { hint: suggest(name, Object.keys(names)) });
}

const sinkOf = ({ onEvent = () => undefined }: AttachOptions): EventSink => ({
  emit: onEvent,
  timeline: () => '',
  close: async () => undefined,
});

const requestOf = ({ profile, files = [], instance, engine }: AttachOptions, { env }: Caller): SessionRequest => ({
  profile: profile ?? null,
  files,
  instance: instance ?? null,
  engine: engine ?? (env.ENVCTL_ENGINE || 'auto'),
});

function bringUpOptions(options: UpOptions): BringUpOptions {
  return {
    parameters: Object.fromEntries(
      Object.entries(options.parameters ?? {}).map(([name, value]) => [name, String(value)]),
    ),
    composeProfiles: [],
    services: options.services ?? [],
    without: options.without ?? [],
    storage: options.storage ?? 'auto',
    ephemeral: true,
    fixedPorts: false,
    pull: false,
    keepFailed: false,
    existing: options.existing ?? 'as-is',
    timeoutMs: options.timeoutMs ?? null,
  };
}

/** The library door: the same `up` as on the command line, as a value that cleans up after itself. */

import { type BringUpOptions, bringUp } from './app/bring-up.js';
import { keptBefore, openSession } from './app/session.js';
import { takeDown } from './app/tear-down.js';
import { masker } from './connections/masking.js';
import type { Connection, View } from './model/connection.js';
import { deadline } from './model/deadline.js';
import { EnvctlError, suggest } from './model/errors.js';
import type { EnvEvent } from './model/events.js';

export type { Address, Connection, View } from './model/connection.js';
export { EnvctlError, type ErrorCode } from './model/errors.js';
export type { EnvEvent } from './model/events.js';

export interface UpOptions {
  /** A profile's name; without it the only profile or the Compose file of the folder. */
  readonly profile?: string;
  /** Compose files as the profile, later ones win. */
  readonly files?: readonly string[];
  /** The same profile again, beside itself. */
  readonly instance?: string;
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  readonly services?: readonly string[];
  readonly without?: readonly string[];
  /** `auto`, `compose`, `embedded`. */
  readonly engine?: string;
  /** `auto` keeps what an existing instance has, else memory. */
  readonly storage?: 'memory' | 'disk' | 'auto';
  /** Milliseconds for the whole of it; without it each gate's own. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: EnvEvent) => void;
}

/** An environment that is ready. Leaving its scope (`await using`) takes down what this call brought up. */
export interface RunningEnvironment extends AsyncDisposable {
  /** Instance id, as `envctl ls` shows it. */
  readonly id: string;
  /** Connection facts under the names that tests want, as `envctl env` prints them. */
  readonly exports: Readonly<Record<string, string>>;
  readonly connections: readonly Connection[];
  /** A service as seen from this host. Throws USAGE with the names that exist. */
  connection(service: string): View;
  /** Removes the whole instance, also where it ran before. */
  down(): Promise<void>;
}

/** Brings an environment up and resolves when every gate holds and every seed is in. Throws EnvctlError; then nothing of it is left. */
export async function up(options: UpOptions = {}): Promise<RunningEnvironment> {
  const signal = options.signal ?? new AbortController().signal;
  const emit = options.onEvent ?? ((): void => undefined);
  const session = await openSession({
    file: options.files ?? [],
    engine: options.engine ?? process.env.ENVCTL_ENGINE ?? 'auto',
    ...(options.instance === undefined ? {} : { instance: options.instance }),
    name: options.profile ?? null,
    signal,
    env: process.env,
    waiting: () => undefined,
  });
  const existed = session.observed.length > 0;
  const screen = { emit, timeline: () => '', close: async () => undefined };
  try {
    const { session: on, running } = await bringUp(session, bringUpOptions(options), {
      context: libraryContext(signal),
      screen,
    });
    const down = async (except: readonly string[] = []): Promise<void> => {
      const within = deadline(60_000);
      await takeDown(
        { ...on, observed: await on.engine.observe(on.identity.id, within) },
        { graceMs: 0, data: 'remove', except },
        { screen, signal: within },
      );
    };
    return {
      id: session.identity.id,
      exports: running.exports,
      connections: running.connections,
      connection: (service) => outsideOf(running.connections, service),
      down: () => down(),
      [Symbol.asyncDispose]: async () => (existed ? undefined : down(keptBefore(session))),
    };
  } finally {
    await session.release();
  }
}

function bringUpOptions(options: UpOptions): BringUpOptions {
  return {
    set: Object.fromEntries(Object.entries(options.parameters ?? {}).map(([name, value]) => [name, String(value)])),
    composeProfile: [],
    services: options.services ?? [],
    without: options.without ?? [],
    storage: options.storage ?? 'auto',
    ephemeral: true,
    fixedPorts: false,
    pull: false,
    keep: false,
    reuse: 'as-is',
    timeoutMs: options.timeoutMs ?? null,
  };
}

/** What the command line's context is to a command. */
function libraryContext(signal: AbortSignal): Parameters<typeof bringUp>[2]['context'] {
  let mask = (text: string): string => text;
  return {
    signal,
    env: process.env,
    finishWith: () => undefined,
    hide: async (secrets, words = []) => {
      mask = masker(secrets, words);
    },
    mask: (text) => mask(text),
  };
}

function outsideOf(connections: readonly Connection[], service: string): View {
  const found = connections.find((connection) => connection.service === service);
  if (found?.outside) return found.outside;
  const why = found ? `"${service}" cannot be reached from this host` : `there is no service "${service}"`;
  throw new EnvctlError('USAGE', why, {
    hint: suggest(
      service,
      connections.flatMap((connection) => (connection.outside ? connection.service : [])),
    ),
  });
}

/** Everything a command works with, put together once: the only place where files, engines and core meet. */

import { connectionsOf, exportsOf } from '../connections/connections.js';
import { type EngineOptions, loadEngine } from '../engines/registry.js';
import { type LastUp, readLastUp } from '../files/connection-files.js';
import { hashFile } from '../files/hash-file.js';
import { fileLedger, instanceFolder } from '../files/instance-directory.js';
import { localHost } from '../files/local-host.js';
import { lockInstance } from '../files/lock.js';
import { deriveSecret, userKey } from '../files/secrets.js';
import { userFolders } from '../files/xdg-directories.js';
import type { Connection } from '../model/connection.js';
import type { Engine } from '../model/engine.js';
import type { Emit } from '../model/events.js';
import type { Observed } from '../model/observed.js';
import type { Protocol } from '../model/protocol.js';
import type { UpDependencies } from '../run/up-dependencies.js';
import { chooseEngine, type EngineChoice } from './choose-engine.js';
import { type InstanceIdentity, locateInstance } from './locate-instance.js';

export interface SessionOptions {
  /** Compose files, later ones win; empty: a profile. */
  readonly file: readonly string[];
  readonly instance?: string;
  /** An engine's name, or `auto`. */
  readonly engine: string;
  readonly name: string | null;
  /** Told when another command has to be waited for; null: this command only reads and takes no lock. */
  readonly waiting: ((instance: string) => void) | null;
  /** How long another command is waited for, ms; null: as long as usual. */
  readonly waitMs?: number | null;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Session {
  readonly identity: InstanceIdentity;
  readonly engines: EngineOptions;
  readonly engine: Engine;
  /** Why this engine, where it was chosen just now. */
  readonly choice: EngineChoice;
  /** What ran when the session began. */
  readonly observed: readonly Observed[];
  readonly lastUp: LastUp;
  readonly options: SessionOptions;
  /** The value of a secret: what the running service says, else derived from the user's key. */
  expectedSecret(service: string, parameter: string): string;
  /** The same for what runs, where the last `up` may know what the service keeps to itself. */
  observedSecret(seen: Observed, parameter: string): string;
  /** Lets other commands work on the instance; safe to repeat. */
  release(): Promise<void>;
}

/** How long a command waits for another one on the same instance. */
const lockWaitMs = 600_000;

/** Finds the instance and its engine and looks at what runs. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const folders = userFolders(options.env);
  const [identity, key] = await Promise.all([
    locateInstance({ ...options, files: options.file, instance: options.instance ?? null, folder: process.cwd() }),
    userKey(folders.state),
  ]);
  const { waiting, signal } = options;
  const lock =
    waiting === null
      ? null
      : await lockInstance(identity.id, {
          signal,
          waitMs: options.waitMs ?? lockWaitMs,
          waiting: () => waiting(identity.id),
        });
  const engines = {
    env: options.env,
    substitution: async () => (await import('../files/image-substitution.js')).imageSubstitution(options.env, folders),
  };
  const [choice, lastUp] = await Promise.all([
    chooseEngine({ wanted: options.engine, identity, engines, signal }),
    readLastUp(identity),
  ]);
  const expectedSecret = (service: string, parameter: string): string =>
    saidBy(choice.observed, service, parameter) ?? deriveSecret(key, { instance: identity.id, service, parameter });
  return {
    identity,
    engines,
    engine: choice.engine,
    choice,
    observed: choice.observed,
    lastUp,
    options,
    expectedSecret,
    observedSecret: (seen, parameter) =>
      secretIn(seen, parameter) ??
      lastUp.parameters[seen.service]?.[parameter] ??
      expectedSecret(seen.service, parameter),
    release: async () => lock?.release(),
  };
}

/** A session for a command that only looks: it waits for no other one. */
export function openForReading(
  profile: string | undefined,
  options: Pick<SessionOptions, 'file' | 'instance' | 'engine'>,
  { signal, env }: Pick<SessionOptions, 'signal' | 'env'>,
): Promise<Session> {
  return openSession({ ...options, name: profile ?? null, signal, env, waiting: null });
}

/** The same session on another engine, where nothing of the instance runs yet. */
export async function withEngine(
  session: Session,
  name: string,
  choice: Pick<EngineChoice, 'why' | 'others'>,
): Promise<Session> {
  const engine = await loadEngine(name, session.engines);
  return { ...session, engine, choice: { ...session.choice, ...choice, engine } };
}

/** An existing workload's own environment wins over the key, which may be lost. */
function saidBy(observed: readonly Observed[], service: string, parameter: string): string | undefined {
  const seen = observed.find((one) => one.service === service && one.record !== null);
  return seen && secretIn(seen, parameter);
}

function secretIn(seen: Observed, parameter: string): string | undefined {
  return seen.record?.secrets[parameter]
    ?.map((variable) => seen.env[variable])
    .find((value) => value !== undefined && value !== '');
}

/** Names of stores that were there before this session brought anything up: its own taking down leaves them. */
export const keptBefore = ({ choice }: Pick<Session, 'choice'>): readonly string[] =>
  choice.kept.map(({ name }) => name);

/** What `core/up` works with. */
export function upDependencies(session: Session, emit: Emit, signal: AbortSignal): UpDependencies {
  const folder = instanceFolder(session.identity.project, session.identity.id);
  return {
    engine: session.engine,
    host: localHost(session.options.env),
    protocol: protocolCache(),
    emit,
    secret: session.observedSecret,
    hashFile,
    ledger: (service, incarnation) => fileLedger(folder, service, incarnation),
    signal,
  };
}

function protocolCache(): (name: string) => Promise<Protocol> {
  const loaded = new Map<string, Promise<Protocol>>();
  return (name) => {
    const known = loaded.get(name) ?? import('../protocols/registry.js').then(({ loadProtocol }) => loadProtocol(name));
    loaded.set(name, known);
    return known;
  };
}

export interface ConnectionInfo {
  readonly connections: readonly Connection[];
  readonly exports: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** Connections and exports of what runs now, from what it says itself and what the last `up` left; no profile is read. */
export function readConnections(session: Session, observed: readonly Observed[] = session.observed): ConnectionInfo {
  const connections = connectionsOf(observed, session.observedSecret);
  return {
    connections,
    exports: exportsOf(connections, observed, session.lastUp.exports ?? undefined),
    secrets: secretsOf(connections, observed),
  };
}

function secretsOf(connections: readonly Connection[], observed: readonly Observed[]): readonly string[] {
  return observed.flatMap((seen) => {
    const facts = connections.find((connection) => connection.service === seen.service)?.parameters ?? {};
    return Object.keys(seen.record?.secrets ?? {}).map((name) => facts[name] ?? '');
  });
}

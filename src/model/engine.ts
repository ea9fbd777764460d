/**
 * The seams: what an engine, a protocol and a host must offer, and what they are given.
 * Engines never see protocols, protocols never see engines; the runner stands between them.
 */

import type { Addresses } from './connection.js';
import type { Emit } from './events.js';
import type { ExecOptions, ExecResult } from './host.js';
import type { JsonMap, Scalar } from './json.js';
import type { BoundEnvironment, ConnectionTexts, Environment, Port, Probe, ProcessSpec, Storage } from './profile.js';

export type WorkloadKind = 'container' | 'process';

/** What an image says of itself. */
export interface ImageMetadata {
  /** Content id (`sha256:…`); an empty string where the image is not here yet (`plan` alone). */
  readonly id: string;
  readonly reference: string;
  /** Test of its HEALTHCHECK in Compose's form (`CMD …`, `CMD-SHELL …`); null: none. */
  readonly healthcheck: {
    readonly test: readonly string[];
    readonly timeoutMs: number;
    readonly budgetMs: number;
  } | null;
  /** Paths that it declares as VOLUME. */
  readonly volumes: readonly string[];
}

/** What `engine.prepare` found out; all of it is needed before anything can be rendered. */
export interface Preparation {
  /** By service; a service without an image (a process) has none. */
  readonly images: Readonly<Record<string, ImageMetadata>>;
  /** Inside addresses of every service, by port name. */
  readonly inside: Readonly<Record<string, Addresses>>;
  /** Outside addresses fixed before start, by service and port name: reserved and fixed ones. */
  readonly outside: Readonly<Record<string, Addresses>>;
}

/** What an engine's labels keep of a service, so that `status`, `env` and `down` work without any file. */
export interface ServiceRecord {
  readonly kind: string;
  readonly speaks: string | null;
  /** What its gate asks. */
  readonly probes: readonly Probe[];
  readonly once: boolean;
  readonly keep: boolean;
  /** `with.*` without secrets. */
  readonly parameters: Readonly<Record<string, Scalar>>;
  /** Secret parameters and the container variables that say them. */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
  readonly ports: Readonly<Record<string, Port>>;
  readonly connection: ConnectionTexts;
  /** The instance's exports, the same on every service. */
  readonly exports: Readonly<Record<string, string>>;
  readonly storage: Storage;
  /** Paths where the service keeps its data. */
  readonly data: readonly string[];
  readonly project: string;
  readonly profile: string;
  /** Inside addresses by port name. */
  readonly inside: Addresses;
  /** Outside ports reserved for the instance's life, by port name. */
  readonly reserved: Readonly<Record<string, number>>;
}

/** One service, fully rendered: what an engine creates. Values are literal: no reference, no escape is left. */
export interface Workload {
  readonly service: string;
  readonly kind: WorkloadKind;
  readonly fingerprint: string;
  readonly replicas: number;
  /** Compose keys of the service; `{}` for a process. */
  readonly compose: JsonMap;
  readonly image: ImageMetadata | null;
  readonly process: ProcessSpec | null;
  /** Environment of a process; a container's is inside `compose`. */
  readonly env: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, Scalar>>;
  readonly ports: Readonly<Record<string, Port>>;
  /** Ports to be published (or bound) on the outside, by name, with the host port that is fixed or reserved; null: any. */
  readonly publish: Readonly<Record<string, number | null>>;
  /** Data paths that get a store of ours. */
  readonly stores: readonly { readonly path: string; readonly storage: Storage }[];
  readonly stopTimeoutMs: number;
  readonly record: ServiceRecord;
}

export interface Prepared {
  readonly environment: BoundEnvironment;
  readonly workloads: readonly Workload[];
  /** Top-level Compose keys, literal values. */
  readonly compose: JsonMap;
}

export type RunState = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead';

/** One replica as the engine's labels and inspection tell it. */
export interface Observed {
  readonly instance: string;
  readonly service: string;
  /** From 1. */
  readonly replica: number;
  /** The engine's own id of it (container id, process group). */
  readonly id: string;
  readonly state: RunState;
  readonly exitCode: number | null;
  /** Milliseconds since the epoch; null: never started. */
  readonly startedAt: number | null;
  readonly createdAt: number;
  readonly restarts: number;
  /** Docker's health verdict where it has one. */
  readonly health: 'starting' | 'healthy' | 'unhealthy' | null;
  readonly oomKilled: boolean;
  readonly fingerprint: string;
  /** Outside addresses by port name, as they are now. */
  readonly outside: Addresses;
  /** The workload's own environment, where it can be read; long options of its command stand in it too, as `--name`. */
  readonly env: Readonly<Record<string, string>>;
  /** null: written by another version, or unreadable. */
  readonly record: ServiceRecord | null;
}

/** Which replica of which service a call means. */
export interface Target {
  readonly instance: string;
  readonly service: string;
  readonly replica: number;
}

export interface LogOptions {
  readonly signal: AbortSignal;
  readonly follow?: boolean;
  /** The same for so long from the moment the log is open, ms; then it ends as if nothing more were written. */
  readonly followMs?: number;
  /** Only lines since this moment, ms since the epoch. */
  readonly since?: number;
  /** Only the last n lines. */
  readonly tail?: number;
}
export interface LogLine {
  readonly service: string;
  readonly replica: number;
  readonly stream: 'stdout' | 'stderr';
  /** One line without its newline; control characters as the service wrote them. */
  readonly text: string;
}

/** A service's state may have changed: look again. `service` null: look at all. */
export interface StateChange {
  readonly service: string | null;
  /** When it began to run, ms since the epoch, and nothing else: whoever started it knows that without another look. */
  readonly began?: number;
}

export interface EngineContext {
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

export interface PrepareOptions {
  /** What runs now: reserved ports and built images are taken over from it. */
  readonly observed: readonly Observed[];
  /** Ports whose outside address some configuration names: fixed before anything is rendered. */
  readonly reserve: readonly { readonly service: string; readonly port: string }[];
  /** `local`: look only, neither pull nor build (`plan`). */
  readonly images: 'make' | 'local';
  /** Look for newer images first: pulled ones in their registry, the bases of built ones too. */
  readonly pull: boolean;
}

export interface RemoveOptions {
  /** Grace before a kill; 0: at once. What has a store that stays gets some in any case, so that it has written everything. */
  readonly graceMs: number;
  /** Whether stores go too. */
  readonly data: 'remove' | 'keep';
  /** Names of kept stores that stay nevertheless: they were there before. */
  readonly except?: readonly string[];
}
export interface RemovalResult {
  /** Names of the stores whose data is gone. */
  readonly data: readonly string[];
  /** Names of what is still there, with the reason. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

/** A store whose service is gone. */
export interface KeptStore {
  readonly instance: string;
  readonly service: string;
  /** null: not known any more. */
  readonly profile: string | null;
  /** As whoever removes it by hand needs it: a volume's name, a folder. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** A place where services run. Every method is safe to repeat, and bounded by its signal. */
export interface Engine {
  readonly name: string;
  /** Kinds of workload it can run, best first. */
  readonly runs: readonly WorkloadKind[];
  /** Throws ENGINE_UNAVAILABLE (or COMPOSE_MISSING …) with the endpoint and where the setting came from. */
  ping(signal: AbortSignal): Promise<{ readonly version: string; readonly endpoint: string }>;
  /** Throws ENGINE_CANNOT_RUN if a service cannot run here; touches nothing. */
  check(environment: Environment, signal: AbortSignal): Promise<void>;
  /** All replicas of an instance; null: of all instances of envctl. */
  observe(instance: string | null, signal: AbortSignal): Promise<readonly Observed[]>;
  /** Stores that outlived their services; null: of all instances of envctl. */
  kept(instance: string | null, signal: AbortSignal): Promise<readonly KeptStore[]>;
  prepare(environment: Environment, options: PrepareOptions, context: EngineContext): Promise<Preparation>;
  /** Makes all that `services` need (networks, stores, workloads), without running any of it. */
  create(prepared: Prepared, services: readonly string[], context: EngineContext): Promise<void>;
  /** Starts every replica of a created service and tells what it looks like running. */
  start(prepared: Prepared, service: string, context: EngineContext): Promise<readonly Observed[]>;
  exec(target: Target, argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  logs(target: Target, options: LogOptions): AsyncIterable<LogLine>;
  /** Ends with the signal; a lost event only costs time, since callers look again by themselves. */
  watch(instance: string, signal: AbortSignal): AsyncIterable<StateChange>;
  stop(instance: string, services: readonly string[], graceMs: number, signal: AbortSignal): Promise<void>;
  /** Removes the replicas numbered above `keepReplicas`, by service. Their stores stay. */
  removeServices(
    instance: string,
    services: readonly { readonly service: string; readonly keepReplicas: number }[],
    signal: AbortSignal,
  ): Promise<void>;
  /** Removes the whole instance and says what is gone and what is left. */
  remove(instance: string, options: RemoveOptions, signal: AbortSignal): Promise<RemovalResult>;
}

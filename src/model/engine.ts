/** The contract of an engine. Engines and protocols do not know each other; `run/` connects them. */
import type { Environment } from './environment.js';
import type { Emit } from './events.js';
import type { ExecOptions, ExecResult } from './host.js';
import type { Observed } from './observed.js';
import type { Preparation, Prepared, WorkloadKind } from './workload.js';

/** One replica of one service. */
export interface Target {
  readonly instance: string;
  readonly service: string;
  readonly replica: number;
}

export interface LogOptions {
  readonly signal: AbortSignal;
  readonly follow?: boolean;
  /** Follow for this many ms after the log opens, then end normally. */
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
  /** One line without its newline, control characters included. */
  readonly text: string;
}

/** A service's state may have changed; `service` null: any service's. */
export interface StateChange {
  readonly service: string | null;
  /** Set for start events only (ms since the epoch), so the caller that started the service can skip a refresh. */
  readonly began?: number;
}

export interface EngineContext {
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

export interface PrepareOptions {
  /** The replicas that exist now; their reserved ports and built images are reused. */
  readonly observed: readonly Observed[];
  /** Ports whose outside address some configuration refers to; they are fixed before anything is rendered. */
  readonly reserve: readonly { readonly service: string; readonly port: string }[];
  /** `local`: only inspect, neither pull nor build (`plan`). */
  readonly images: 'make' | 'local';
  /** Check for newer images first: pulled ones, and the bases of built ones. */
  readonly pull: boolean;
}

export interface RemoveOptions {
  /** Time between asking to stop and a kill; 0: kill at once. Services whose data is kept always get time to flush. */
  readonly graceMs: number;
  readonly data: 'remove' | 'keep';
  /** Names of kept stores not to remove: they existed before. */
  readonly except?: readonly string[];
}
export interface RemovalResult {
  /** Names of the stores whose data was removed. */
  readonly data: readonly string[];
  /** Names of what could not be removed, with the reason. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

/** A store whose service was removed. */
export interface KeptStore {
  readonly instance: string;
  readonly service: string;
  /** null: unknown. */
  readonly profile: string | null;
  /** As needed to remove it manually: the name of a volume, the path of a folder. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Runs services. Every method is idempotent and ends when its signal aborts. */
export interface Engine {
  readonly name: string;
  /** Kinds of workload it can run, preferred first. */
  readonly runs: readonly WorkloadKind[];
  /** Throws ENGINE_UNAVAILABLE (or COMPOSE_MISSING …) with the endpoint and the origin of that setting. */
  ping(signal: AbortSignal): Promise<{ readonly version: string; readonly endpoint: string }>;
  /** Throws ENGINE_CANNOT_RUN if a service cannot run here; touches nothing. */
  check(environment: Environment, signal: AbortSignal): Promise<void>;
  /** All replicas of an instance; null: of all instances. */
  observe(instance: string | null, signal: AbortSignal): Promise<readonly Observed[]>;
  /** Stores whose services were removed; null: of all instances. */
  kept(instance: string | null, signal: AbortSignal): Promise<readonly KeptStore[]>;
  prepare(environment: Environment, options: PrepareOptions, context: EngineContext): Promise<Preparation>;
  /** Creates networks, stores and workloads for `services`; starts nothing. */
  create(prepared: Prepared, services: readonly string[], context: EngineContext): Promise<void>;
  /** Starts every replica of a created service and returns them as they run. */
  start(prepared: Prepared, service: string, context: EngineContext): Promise<readonly Observed[]>;
  exec(target: Target, argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  logs(target: Target, options: LogOptions): AsyncIterable<LogLine>;
  /** Ends with the signal. Callers also poll, so a lost event only costs time. */
  watch(instance: string, signal: AbortSignal): AsyncIterable<StateChange>;
  /** Stops services, each within its `stop_grace_period`; their containers or records stay. */
  stop(instance: string, services: readonly string[], signal: AbortSignal): Promise<void>;
  /** Removes the replicas numbered above `keepReplicas`, by service. Their stores stay. */
  removeServices(
    instance: string,
    services: readonly { readonly service: string; readonly keepReplicas: number }[],
    signal: AbortSignal,
  ): Promise<void>;
  /** Removes the whole instance. */
  remove(instance: string, options: RemoveOptions, signal: AbortSignal): Promise<RemovalResult>;
}

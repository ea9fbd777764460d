import type { Addresses } from './connection.js';
import type { Storage } from './environment.js';
import type { Scalar } from './json.js';
import type { ConnectionTexts } from './profile.js';
import type { Port, Probe } from './service.js';

/** Kept in an engine's labels for each service, so that `status`, `env` and `down` work without any file. */
export interface ServiceRecord {
  readonly kind: string;
  readonly speaks: string | null;
  /** The probes of its gate. */
  readonly probes: readonly Probe[];
  readonly once: boolean;
  readonly keep: boolean;
  /** Parameter values without secrets. */
  readonly parameters: Readonly<Record<string, Scalar>>;
  /** Names of the secret parameters, each with the container variables that hold it. */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
  readonly ports: Readonly<Record<string, Port>>;
  /** In the textual form that `formatText` writes, like `exports`. */
  readonly connection: ConnectionTexts<string>;
  /** The instance's exports, the same on every service. */
  readonly exports: Readonly<Record<string, string>>;
  readonly storage: Storage;
  /** Paths where the service keeps its data. */
  readonly data: readonly string[];
  readonly project: string;
  readonly profile: string;
  /** Inside addresses by port name. */
  readonly inside: Addresses;
  /** Host ports reserved while the instance exists, by port name. */
  readonly reserved: Readonly<Record<string, number>>;
}

export type RunState = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead';

/** One replica as the engine reports it. */
export interface Observed {
  readonly instance: string;
  readonly service: string;
  /** From 1. */
  readonly replica: number;
  /** The engine's own id (container id, process group). */
  readonly id: string;
  readonly state: RunState;
  readonly exitCode: number | null;
  /** Milliseconds since the epoch; null: never started. */
  readonly startedAt: number | null;
  readonly createdAt: number;
  readonly restarts: number;
  /** Docker's health status; null: none. */
  readonly health: 'starting' | 'healthy' | 'unhealthy' | null;
  readonly oomKilled: boolean;
  readonly fingerprint: string;
  /** Current outside addresses by port name. */
  readonly outside: Addresses;
  /** The workload's variables as far as they can be read, with long options of its command as `--name`. */
  readonly env: Readonly<Record<string, string>>;
  /** null: written by another version, or unreadable. */
  readonly record: ServiceRecord | null;
}

/** One replica of a service as `envctl status` shows it. */
export interface ServiceStatus {
  /** `worker`, or `worker 2` if there are several replicas. */
  readonly service: string;
  readonly kind: string;
  /** `running`, `exited 1`, … */
  readonly state: string;
  /** `ready`, or why the gate is not open. */
  readonly gate: string;
  /** Address on this host; null: none. */
  readonly address: string | null;
  /** Start time, ms since the epoch; null: never started. */
  readonly since: number | null;
}

/** One instance as `envctl ls` shows it. */
export interface InstanceSummary {
  readonly instance: string;
  readonly profile: string;
  readonly engine: string;
  /** Replicas that run, and jobs that succeeded. */
  readonly running: number;
  /** All replicas. */
  readonly services: number;
  /** `running`, `stopped`, `partly running`, or `down` if only kept data is left. */
  readonly state: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly storage: Storage;
  /** Names of the kept stores. */
  readonly kept: readonly string[];
}

/**
 * The seams: what an engine, a protocol and a host must offer, and what they are given.
 * Engines never see protocols, protocols never see engines; the runner stands between them.
 */
import type {
  Address,
  Addresses,
  ConnectionTexts,
  Document,
  Environment,
  JsonMap,
  Port,
  Probe,
  ProcessSpec,
  Scalar,
  SeedStep,
  Storage,
  View,
} from './environment.js';
import type { Emit } from './events.js';

export type WorkloadKind = 'container' | 'process';

/** What an image says of itself. */
export interface ImageFacts {
  /** Content id (`sha256:…`); an empty string where the image is not here yet (`plan` alone). */
  readonly id: string;
  readonly reference: string;
  /** Test of its HEALTHCHECK in Compose's form (`CMD …`, `CMD-SHELL …`); null: none. */
  readonly healthcheck: { readonly test: readonly string[]; readonly timeoutMs: number; readonly budgetMs: number } | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

/** What `engine.prepare` found out; all of it is needed before anything can be rendered. */
export interface Preparation {
  /** By service; a service without an image (a process) has none. */
  readonly images: Readonly<Record<string, ImageFacts>>;
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
  readonly image: ImageFacts | null;
  readonly process: ProcessSpec | null;
  /** Environment of a process; a container's is inside `compose`. */
  readonly environment: Readonly<Record<string, string>>;
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
  readonly environment: Environment;
  readonly preparation: Preparation;
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
  readonly environment: Readonly<Record<string, string>>;
  /** null: written by another version, or unreadable. */
  readonly record: ServiceRecord | null;
  /** `envctl.expires`, milliseconds since the epoch. */
  readonly expires: number | null;
}

/** Which replica of which service a call means. */
export interface Target {
  readonly instance: string;
  readonly service: string;
  readonly replica: number;
}

export interface ExecOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly user?: string;
  readonly stdin?: string | Uint8Array;
  /** Connects this process's terminal or input and output instead of collecting them. */
  readonly interactive?: boolean;
}
export interface ExecResult {
  /** 127: not found, 126: not executable, 124: our time limit ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
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

/**
 * What `up` makes of an instance that is there: `restore` what it should be, or `use` it as it is, where what was stopped stays stopped, seeds that
 * were put in are not looked for again, nothing that holds data is made anew, and services that the profile no longer has run on.
 * Other changes of the profile are carried out either way.
 */
export type Existing = 'restore' | 'use';

/** A service's state may have changed: look again. `service` null: look at all. */
export interface Wake {
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
export interface Removed {
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
  /** What makes services impossible here, before anything is touched; empty: it can run. Throws ENGINE_CANNOT_RUN. */
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
  watch(instance: string, signal: AbortSignal): AsyncIterable<Wake>;
  stop(instance: string, services: readonly string[], graceMs: number, signal: AbortSignal): Promise<void>;
  /** Removes replicas by service (their stores stay); `replicas` above the given number only, where it is given. */
  removeServices(
    instance: string,
    services: readonly { readonly service: string; readonly above: number }[],
    signal: AbortSignal,
  ): Promise<void>;
  /** Removes the whole instance and says what is gone and what is left. */
  remove(instance: string, options: RemoveOptions, signal: AbortSignal): Promise<Removed>;
}

/** Answer of one attempt. `never`: waiting longer cannot help. */
export type ProbeResult =
  | { readonly kind: 'ready' }
  | { readonly kind: 'not-yet'; readonly why: string }
  | { readonly kind: 'never'; readonly why: string };

/** What a protocol is given to reach one replica of a service. It never sees the engine. */
export interface Reach {
  readonly service: string;
  readonly replica: number;
  /** As seen from this host; null: not reachable over the network. */
  readonly view: View | null;
  /** Address of the port that is asked; null as above. */
  readonly at: Address | null;
  /** `with.*`, secrets included. */
  readonly parameters: Readonly<Record<string, Scalar>>;
  exec(argv: readonly string[], options?: { readonly timeoutMs?: number }): Promise<ExecResult>;
  /** Lines since the service was last started; with `followMs` those too that come within that time. */
  logs(options?: { readonly followMs?: number }): AsyncIterable<string>;
  state(): Promise<Observed | null>;
  readonly signal: AbortSignal;
}

export interface LedgerEntry {
  /** Place of the step in the service's list, from 0. */
  readonly index: number;
  /** Hash of the step and its content. */
  readonly hash: string;
  /** `running`: it was cut off and left the store half-filled. */
  readonly state: 'running' | 'done';
}
/** Which seeds a store already holds, kept in the store itself. */
export interface Ledger {
  read(): Promise<readonly LedgerEntry[]>;
  write(entry: LedgerEntry): Promise<void>;
}

export interface SeedTask {
  readonly step: SeedStep;
  readonly entry: Omit<LedgerEntry, 'state'>;
  readonly host: Host;
  /** The ledger was just asked, and the store holds nothing of this step: no former version has to be looked for. */
  readonly fresh?: boolean;
}
/** What a seed put in: `1000 rows`, `12 keys`, `3 stubs`. */
export interface Seeded {
  readonly count: number;
  readonly unit: 'rows' | 'statements' | 'keys' | 'stubs' | 'requests' | 'commands';
}

/** What a service speaks, as code: one file in `src/protocols/`. */
export interface Protocol {
  readonly name: string;
  /** One bounded attempt. Options are those written under `ready: { <name>: … }`; throws only on abort. */
  probe(reach: Reach, options: JsonMap): Promise<ProbeResult>;
  /** Option names `probe` understands; anything else in a profile is refused. */
  readonly options: readonly string[];
  /** Kinds of seed steps it takes. */
  readonly seeds: readonly SeedStep['kind'][];
  /**
   * Runs one step and writes the ledger entry in the same transaction where the store has them,
   * else `running` before and `done` after. Throws SEED_FAILED with file, line and the store's own words.
   */
  seed?(reach: Reach, task: SeedTask): Promise<Seeded>;
  ledger?(reach: Reach): Ledger;
  /** Remembers the state after all seeds; `reset` returns to it; `fork` copies it under another name (its URL); `verify` lists complaints. */
  baseline?(reach: Reach): Promise<void>;
  reset?(reach: Reach): Promise<void>;
  fork?(reach: Reach, name: string): Promise<{ readonly url: string }>;
  verify?(reach: Reach): Promise<readonly string[]>;
}

/** This machine, as far as core may touch it. Implemented in `files/host.ts`. */
export interface Host {
  run(argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /** null: nothing there. Entries of a directory are sorted names. */
  stat(
    path: string,
  ): Promise<{ readonly kind: 'file' | 'directory' | 'other'; readonly entries: readonly string[]; readonly size: number } | null>;
  read(path: string): Promise<Uint8Array>;
}

export interface ReadComposeOptions {
  readonly files: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}
/**
 * Reads Compose files as Compose does. The document's value holds Compose's own words with `$$` for a literal `$`,
 * services with `x-envctl` lifted to our words in our own notation; positions are those of the files.
 * Throws COMPOSE_MISSING, COMPOSE_REFUSED (at our line), PROFILE_INVALID.
 */
export type ReadCompose = (options: ReadComposeOptions) => Promise<Document>;

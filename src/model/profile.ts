import type { Json, JsonMap, Scalar } from './json.js';

/** A place in a file a person wrote; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A file as written: plain data (merge keys applied) and where each node stands. */
export interface Document {
  /** Absolute path. */
  readonly path: string;
  readonly value: JsonMap;
  /** Position of the node at `path`, or of its nearest ancestor that has one. */
  position(path: readonly (string | number)[]): Position;
}

/** One layer of a profile, lowest first: later layers win. */
export interface Layer {
  /** `compose`: came through Compose itself; `profile`: written in our language; `local`: the git-ignored override. */
  readonly kind: 'compose' | 'profile' | 'local';
  readonly document: Document;
}

/** A string in which `${service.fact}` stands for a fact known later and `$$` for a literal `$`. */
export type TemplateText = string;

export interface Parameter {
  readonly default: Scalar | null;
  readonly type: 'string' | 'integer' | 'boolean';
  readonly values: readonly Scalar[] | null;
  readonly secret: boolean;
  /** Environment variables of an adopted service that say this parameter (`*_FILE` names a file in the container). */
  readonly from: readonly string[];
  /** What the image does when none of `from` is set; may refer to `${with.other}`. */
  readonly absent: string | null;
}

/** A ready-made service, as data (`templates/<name>.yaml`). */
export interface Template {
  readonly name: string;
  readonly document: Document;
  readonly summary: string;
  readonly kind: string;
  readonly speaks: string | null;
  readonly recognises: readonly string[];
  readonly serves: readonly string[];
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly service: JsonMap;
  readonly process: JsonMap | null;
  readonly ports: Readonly<Record<string, number>>;
  readonly data: readonly string[];
  readonly ready: Json;
  readonly connection: ConnectionTexts;
}

/** How a connection is written down: `${with.x}`, `${at.host}`, `${at.port}` are filled in by core/connect. */
export interface ConnectionTexts {
  readonly url: TemplateText | null;
  readonly env: Readonly<Record<string, TemplateText>>;
  /** URLs of ports other than `main`, by port name. */
  readonly ports: Readonly<Record<string, TemplateText>>;
}

export interface Port {
  /** Where the service listens: the container's port; for a process, the port it would take if it could choose (0: any). */
  readonly inside: number;
  /** A host port the profile fixes; null: chosen by the engine. */
  readonly fixed: number | null;
}

export type Probe =
  /** A wire protocol's own question, by name of the protocol (`postgres`, `redis`, `http` …). */
  | { readonly kind: 'protocol'; readonly protocol: string; readonly port: string; readonly options: JsonMap }
  | { readonly kind: 'log'; readonly pattern: string; readonly times: number }
  /** A command in the service; exit 0 is ready. */
  | { readonly kind: 'exec'; readonly argv: readonly TemplateText[] }
  /** A command on this host; exit 0 is ready. */
  | { readonly kind: 'command'; readonly argv: readonly TemplateText[] }
  /** A Compose or image healthcheck, run by us at our pace. */
  | { readonly kind: 'healthcheck'; readonly test: readonly string[]; readonly timeoutMs: number }
  /** Docker's own verdict. */
  | { readonly kind: 'healthy' }
  /** A job: exit code 0. */
  | { readonly kind: 'exited' }
  /** Nothing is known that could be asked. */
  | { readonly kind: 'running' };

/** A service is ready when its gate opens. */
export interface Gate {
  /** All must succeed; they are asked in this order. */
  readonly probes: readonly Probe[];
  readonly timeoutMs: number;
  /** Pause between attempts; null: chosen by the kind of probe. */
  readonly intervalMs: number | null;
  /** How long the probes must keep succeeding before the gate opens. */
  readonly stableMs: number;
}

/** No probe is declared: binding asks the image's healthcheck, else a port, else only whether the service runs. */
export interface UndeclaredGate {
  readonly probes: null;
  readonly timeoutMs: number;
  /** The profile sets `timeout`, so an image's healthcheck does not extend it. */
  readonly timeoutWritten: boolean;
}

interface SeedStepBase {
  readonly position: Position;
}
export type SeedStep = SeedStepBase &
  (
    | { readonly kind: 'sql'; readonly file: string }
    | { readonly kind: 'csv'; readonly file: string; readonly table: string; readonly delimiter: string }
    | { readonly kind: 'redis'; readonly file: string }
    | { readonly kind: 'stubs'; readonly file: string }
    | {
        readonly kind: 'http';
        readonly method: string;
        /** A path on the service, or an absolute URL. */
        readonly url: TemplateText;
        readonly headers: Readonly<Record<string, TemplateText>>;
        /** Text of the body; null: none. */
        readonly body: TemplateText | null;
        /** File whose bytes are the body; null: none. */
        readonly file: string | null;
        /** Accepted status; null: any 2xx. */
        readonly status: number | null;
      }
    | { readonly kind: 'exec'; readonly service: string; readonly argv: readonly TemplateText[] }
    | { readonly kind: 'run'; readonly argv: readonly TemplateText[]; readonly cwd: string }
  );
export type SeedKind = SeedStep['kind'];

export interface Seeding {
  /** Services whose gate the steps wait for, beside the service's own. */
  readonly after: readonly string[];
  readonly steps: readonly SeedStep[];
}

/** A dependency on one of the three nodes of another service. */
export interface Need {
  readonly service: string;
  readonly step: 'start' | 'gate' | 'seeded';
  /** Why: `depends_on`, or the reference that implies it. */
  readonly cause: string;
}

/** How an engine of processes runs a service. */
export type ProcessSpec =
  /** A server that the embedded engine knows how to find and run. */
  | { readonly kind: 'server'; readonly run: string }
  | {
      readonly kind: 'command';
      readonly argv: readonly TemplateText[];
      /** Names of variables that tell the program its port (`PORT`), by port name; empty: the port is in argv or fixed. */
      readonly portVariables: Readonly<Record<string, string>>;
      readonly cwd: string;
    };

export interface Service {
  readonly name: string;
  /** What screens call it: `db`, `cache`, `mock`, `queue`, `app`, `job`. */
  readonly kind: string;
  readonly template: string | null;
  readonly speaks: string | null;
  /** `with.*`, secrets included. */
  readonly parameters: Readonly<Record<string, Scalar>>;
  /** Names of the parameters that are secret, each with the container variables that would say it. */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
  /** The Compose block, strings as Text, without any of our words; `{}` where there is no container form. */
  readonly compose: JsonMap;
  readonly process: ProcessSpec | null;
  /** By name; `main` first. */
  readonly ports: Readonly<Record<string, Port>>;
  /** Paths in the container where a template's store lives. */
  readonly data: readonly string[];
  readonly gate: Gate | UndeclaredGate;
  /** A Compose `healthcheck`, as a probe to be asked besides; `none`: switched off by the file. */
  readonly healthcheck: Extract<Probe, { kind: 'healthcheck' }> | 'none' | null;
  readonly seed: Seeding;
  /** `yes`: a job; `maybe`: exit 0 during `up` makes it one (adopted files only). */
  readonly once: 'yes' | 'maybe' | 'no';
  readonly keep: boolean;
  readonly scale: number;
  readonly needs: readonly Need[];
  readonly connection: ConnectionTexts;
  readonly position: Position;
  /** Where each of Compose's keys of the service stands. */
  readonly keyPositions: Readonly<Record<string, Position>>;
}

/** A service whose image is known, so that its gate is definite and its probes hold literal values. */
export interface BoundService extends Service {
  readonly gate: Gate;
}

export type Storage = 'memory' | 'disk';

/** A resolved profile: merged, defaulted, checked, in start order. Nothing in it is undecided but what an image says. */
export interface Environment {
  /** Instance id: `<profile>[-<name>]-<6 hex>`. */
  readonly id: string;
  readonly profile: string;
  /** Absolute folder of the project. */
  readonly project: string;
  readonly summary: string;
  readonly storage: Storage;
  readonly services: readonly Service[];
  /** Names of all services of the profile, also those left out of this run. */
  readonly declared: readonly string[];
  /** Services of the profile that this run leaves out; others may still name their inside address. */
  readonly absent: readonly Service[];
  readonly exports: Readonly<Record<string, TemplateText>>;
  /** Top-level Compose keys: `networks`, `volumes`, `configs`, `secrets`, strings as Text. */
  readonly compose: JsonMap;
  /** What was changed or left out, to be said once. */
  readonly notices: readonly string[];
}

export interface BoundEnvironment extends Environment {
  readonly services: readonly BoundService[];
}

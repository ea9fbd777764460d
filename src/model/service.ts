/** A service of a resolved profile. */
import type { JsonMap, Scalar, TemplateMap } from './json.js';
import type { ConnectionTemplate } from './profile.js';
import type { Position, TemplateString } from './template-text.js';

export interface Port {
  /** The port the service listens on: in a container that port, for a process its preferred one (0: any). */
  readonly inside: number;
  /** A host port fixed by the profile; null: the engine chooses one. */
  readonly fixed: number | null;
}

/**
 * The fields of each kind of probe; `Text` and `Options` are literal once the probe is bound.
 * Each file of profile/probes/ adds its kind here.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
// biome-ignore lint/correctness/noUnusedVariables: used where kinds are added
export interface ProbeFields<Text, Options> {}
export type ProbeKind = keyof ProbeFields<string, JsonMap>;
export type ProbeOf<K extends ProbeKind, Text = string, Options = JsonMap> = {
  [P in K]: { readonly kind: P } & ProbeFields<Text, Options>[P];
}[K];
export type Probe<Text = string, Options = JsonMap> = ProbeOf<ProbeKind, Text, Options>;

/** A probe as the profile declares it: its texts may hold references. */
export type DeclaredProbe = Probe<TemplateString, TemplateMap>;
export type DeclaredHealthcheck = Extract<DeclaredProbe, { kind: 'healthcheck' }>;

/** A service is ready when its gate opens. */
export interface Gate<AnyProbe = Probe> {
  /** All must succeed; they are asked in this order. */
  readonly probes: readonly AnyProbe[];
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

/**
 * What each kind of seed step holds; `Text` is TemplateString as written and string once references are resolved.
 * Each file of profile/seeds/ adds its kind here.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
// biome-ignore lint/correctness/noUnusedVariables: used where kinds are added
export interface SeedSteps<Text> {}
export type SeedKind = keyof SeedSteps<TemplateString>;
export type SeedStepOf<K extends SeedKind, Text = TemplateString> = {
  [P in K]: { readonly kind: P; readonly position: Position } & SeedSteps<Text>[P];
}[K];
export type SeedStep<Text = TemplateString> = SeedStepOf<SeedKind, Text>;

export interface Seeding {
  /** Services whose gates must be open before the steps run, besides the service's own. */
  readonly after: readonly string[];
  readonly steps: readonly SeedStep[];
}

/** A dependency on one of the three nodes of another service. */
export interface Need {
  readonly service: string;
  readonly step: 'start' | 'gate' | 'seeded';
  /** `depends_on`, or the reference that implies it. */
  readonly cause: string;
}

/** How an engine of processes runs a service. */
export type ProcessSpec<Text = string> =
  /** A server the embedded engine can find and run. */
  | { readonly kind: 'server'; readonly run: string }
  | {
      readonly kind: 'command';
      readonly argv: readonly Text[];
      /** Variables that pass the program its ports (`PORT`), by port name; empty: the port is in argv or fixed. */
      readonly portVariables: Readonly<Record<string, string>>;
      readonly cwd: Text;
    };

export interface Service {
  readonly name: string;
  /** Shown on screens: `db`, `cache`, `mock`, `queue`, `app`, `job`. */
  readonly kind: string;
  readonly template: string | null;
  readonly speaks: string | null;
  /** Parameter values (`with`), secrets included. */
  readonly parameters: Readonly<Record<string, Scalar>>;
  /** Names of the secret parameters, each with the container variables that hold it. */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
  /** The service's Compose keys, without envctl's own keys; `{}` if it has no container form. */
  readonly compose: TemplateMap;
  readonly process: ProcessSpec<TemplateString> | null;
  /** By name; `main` first. */
  readonly ports: Readonly<Record<string, Port>>;
  /** Paths in the container where a template keeps data. */
  readonly data: readonly string[];
  readonly gate: Gate<DeclaredProbe> | UndeclaredGate;
  /** A healthcheck in a Compose file, asked besides the other probes; `none`: the file switches it off. */
  readonly healthcheck: DeclaredHealthcheck | 'none' | null;
  readonly seed: Seeding;
  /** `yes`: a job; `maybe`: exit code 0 during `up` makes it one (adopted files only). */
  readonly once: 'yes' | 'maybe' | 'no';
  readonly keep: boolean;
  readonly scale: number;
  readonly needs: readonly Need[];
  readonly connection: ConnectionTemplate;
  readonly position: Position;
  /** Positions of the service's Compose keys. */
  readonly keyPositions: Readonly<Record<string, Position>>;
}

/** A service whose image is known, so that its gate is definite and its probes hold literal values. */
export interface BoundService extends Service {
  readonly gate: Gate;
}

import type { Addresses } from './connection.js';
import type { BoundEnvironment, Storage } from './environment.js';
import type { JsonMap, Scalar } from './json.js';
import type { ServiceRecord } from './observed.js';
import type { Port, ProcessSpec } from './service.js';

export type WorkloadKind = 'container' | 'process';

/** Read from an image's configuration. */
export interface ImageMetadata {
  /** Content id (`sha256:…`); empty while the image is not on this machine (`plan` only). */
  readonly id: string;
  readonly reference: string;
  /** Its HEALTHCHECK, the test in Compose's form (`CMD …`, `CMD-SHELL …`); null: none. */
  readonly healthcheck: {
    readonly test: readonly string[];
    readonly timeoutMs: number;
    readonly budgetMs: number;
  } | null;
  /** Paths declared as VOLUME. */
  readonly volumes: readonly string[];
}

/** Found by `engine.prepare` and needed before anything can be rendered. */
export interface Preparation {
  /** By service; a service without an image (a process) has none. */
  readonly images: Readonly<Record<string, ImageMetadata>>;
  /** Inside addresses of every service, by port name. */
  readonly inside: Readonly<Record<string, Addresses>>;
  /** Outside addresses known before start (reserved or fixed), by service and port name. */
  readonly outside: Readonly<Record<string, Addresses>>;
}

/** One service as an engine creates it. All values are literal: no references, no `$$`. */
export interface Workload {
  readonly service: string;
  readonly kind: WorkloadKind;
  readonly fingerprint: string;
  readonly replicas: number;
  /** Compose keys of the service; of a process only `stop_grace_period`. */
  readonly compose: JsonMap;
  readonly image: ImageMetadata | null;
  readonly process: ProcessSpec | null;
  /** Variables of a process; a container's are in `compose`. */
  readonly env: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, Scalar>>;
  readonly ports: Readonly<Record<string, Port>>;
  /** Ports to publish on the host by name, with the fixed or reserved host port; null: any. */
  readonly publish: Readonly<Record<string, number | null>>;
  /** Data paths that get a store. */
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

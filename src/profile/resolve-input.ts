import type { Storage } from '../model/environment.js';
import type { Layer, Template } from '../model/profile.js';
import type { SeedKind } from '../model/service.js';
import type { WorkloadKind } from '../model/workload.js';

/** The names, probe options and seed kinds of protocols, without loading them. */
export type ProtocolWords = Readonly<
  Record<string, { readonly options: readonly string[]; readonly seeds: readonly SeedKind[] }>
>;

/** Everything resolving depends on, so that the same input gives the same Environment. */
export interface ResolveInput {
  /** Lowest first; each passed the schema. */
  readonly layers: readonly Layer[];
  readonly templates: ReadonlyMap<string, Template>;
  readonly protocols: ProtocolWords;
  /** Service keys of Compose, and those together with ours. */
  readonly composeKeys: readonly string[];
  readonly serviceKeys: readonly string[];
  readonly instance: { readonly id: string; readonly profile: string; readonly project: string };
  /** `--set name=value`. */
  readonly set: Readonly<Record<string, string>>;
  /** The user's environment: `${NAME}` and `ENVCTL_PARAM_<NAME>`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The value of a generated secret; the same for the same instance, service and parameter. */
  readonly secret: (service: string, parameter: string) => string;
  /** Text of a small file (`*_FILE` of an adopted service); null: cannot be read. */
  readonly readText: (path: string) => string | null;
  /** Resolves symbolic links, so none leaves the project; absent: paths are compared literally. */
  readonly realPath?: (path: string) => string;
  readonly selection: Selection;
  readonly storage: Storage;
  /** Whether a Compose file's own host ports are kept. */
  readonly fixedPorts: boolean;
  /** Kinds of workload the chosen engine runs, best first. */
  readonly runs: readonly WorkloadKind[];
}

export interface Selection {
  /** These and what they need; empty: all. */
  readonly only: readonly string[];
  /** All but these. */
  readonly without: readonly string[];
  /** Compose `profiles:` that are switched on. */
  readonly composeProfiles: readonly string[];
}

import type { Storage } from '../model/environment.js';
import type { Layer, Template } from '../model/profile.js';
import type { SeedKind } from '../model/service.js';
import type { WorkloadKind } from '../model/workload.js';

/** Names of the protocols with their probe options and seed kinds, known without loading the protocol. */
export type ProtocolWords = Readonly<
  Record<string, { readonly options: readonly string[]; readonly seeds: readonly SeedKind[] }>
>;

/** The complete input of `resolveEnvironment`: the same input gives the same Environment. */
export interface ResolveInput {
  /** Lowest first; each is valid by the schema. */
  readonly layers: readonly Layer[];
  readonly templates: ReadonlyMap<string, Template>;
  readonly protocols: ProtocolWords;
  /** Service keys of Compose; `serviceKeys` includes envctl's own. */
  readonly composeKeys: readonly string[];
  readonly serviceKeys: readonly string[];
  readonly instance: { readonly id: string; readonly profile: string; readonly project: string };
  /** `--set name=value`. */
  readonly set: Readonly<Record<string, string>>;
  /** The user's environment variables, for `${NAME}` and `ENVCTL_PARAM_<NAME>`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The value of a generated secret; the same for the same instance, service and parameter. */
  readonly secret: (service: string, parameter: string) => string;
  /** Text of a small file (`*_FILE` of an adopted service); null: cannot be read. */
  readonly readText: (path: string) => string | null;
  /** Follows symbolic links as far as the path exists; absent: links are not followed. */
  readonly realPath?: (path: string) => string;
  readonly selection: Selection;
  readonly storage: Storage;
  /** Publishes the host ports of Compose files instead of letting the engine choose. */
  readonly fixedPorts: boolean;
  /** Kinds of workload the chosen engine runs, best first. */
  readonly runs: readonly WorkloadKind[];
}

export interface Selection {
  /** These services and their dependencies; empty: all. */
  readonly only: readonly string[];
  /** Services to leave out. */
  readonly without: readonly string[];
  /** Compose `profiles:` that are enabled. */
  readonly composeProfiles: readonly string[];
}

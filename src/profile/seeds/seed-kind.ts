import type { ExecOptions, ExecResult, Host } from '../../model/host.js';
import type { TemplateMap } from '../../model/json.js';
import type { Protocol, SeedTask, ServiceAccess } from '../../model/protocol.js';
import type { SeedKind, SeedStepOf, SeedSteps } from '../../model/service.js';
import type { TemplateString } from '../../model/template-text.js';
import { type EntryContext, type KeyDeclarations, readKeys, type ValuesOf } from '../keys.js';

/** One kind of seed step. The key named like the kind makes an entry of `seed` a step of this kind. */
export interface SeedDeclaration<K extends SeedKind> {
  readonly kind: K;
  readonly keys: KeyDeclarations;
  /** The step of a checked entry. Throws PROFILE_INVALID for keys that do not fit together. */
  readonly read: (entry: TemplateMap, context: StepContext) => SeedSteps<TemplateString>[K];
  /** Shown after the kind: `catalogue.sql`. */
  readonly title: (step: SeedStepOf<K, TemplateString>) => string;
  /** Counted by `run`: `rows`. */
  readonly unit: string;
  /** A folder as `file` means the files in it with this suffix; absent: not a folder. */
  readonly folderOf?: string;
  /** The reaction to a step that changed after it ran: `reapply` if its new version replaces the old data. */
  readonly changed: 'refuse' | 'reapply';
  /** The reaction to an interrupted step: `refuse` if that leaves the store half-filled. */
  readonly interrupted: 'refuse' | 'rerun';
  /** It may create files that later steps of the service read. */
  readonly writesFiles?: true;
  /** Another service it runs in. */
  readonly runsIn?: (step: SeedStepOf<K, TemplateString>) => string;
  /** The step without what differs between two runs of the same step; absent: all of it. */
  readonly identity?: (step: SeedStepOf<K, TemplateString>) => object;
  /** Resolves the step's references; absent: it has none. */
  readonly resolve?: (step: SeedStepOf<K, TemplateString>, resolve: ResolveText) => SeedStepOf<K, string>;
  /** Runs the step and counts what it loaded; absent: the service's protocol does (`Protocol.seeds`). */
  readonly run?: (task: SeedTask<K>, context: SeedRunContext) => Promise<number>;
}

export interface StepContext extends EntryContext {
  /** The service that is seeded. */
  readonly service: string;
}

/** Resolves references as seen from inside a service, or from this host. */
export type ResolveText = (text: TemplateString, side: 'inside' | 'outside') => string;

/** Available to a step without a protocol. */
export interface SeedRunContext {
  readonly access: ServiceAccess;
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly protocol: (name: string) => Promise<Protocol>;
  readonly exports: () => Readonly<Record<string, string>>;
  readonly execIn: (service: string, argv: readonly string[], options: ExecOptions) => Promise<ExecResult>;
}

interface Declared<K extends SeedKind, D extends KeyDeclarations> extends Omit<SeedDeclaration<K>, 'keys' | 'read'> {
  readonly keys: D;
  readonly read: (values: ValuesOf<D>, context: StepContext) => SeedSteps<TemplateString>[K];
}

/** Declares a kind; `read` gets the values of its keys. */
export const seedKind = <K extends SeedKind, const D extends KeyDeclarations>(
  declared: Declared<K, D>,
): SeedDeclaration<K> => ({
  ...declared,
  read: (entry, context) => declared.read(readKeys(entry, declared.keys, context), context),
});

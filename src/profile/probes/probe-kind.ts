import type { Host } from '../../model/host.js';
import type { JsonMap, TemplateMap } from '../../model/json.js';
import type { ProbeResult, Protocol, ServiceAccess } from '../../model/protocol.js';
import type { ProbeFields, ProbeKind, ProbeOf } from '../../model/service.js';
import type { TemplateString } from '../../model/template-text.js';
import { type EntryContext, type KeyDeclarations, readKeys, type ValuesOf } from '../keys.js';

/** One kind of probe. */
export interface ProbeDeclaration<K extends ProbeKind> {
  readonly kind: K;
  /** How it is written under `ready`: as a map with the kind as a key, as the bare kind, or not at all. */
  readonly form: 'map' | 'name' | 'none';
  /** Keys of the map, besides those of every probe. */
  readonly keys: KeyDeclarations;
  /** The probe of a checked entry. Throws PROFILE_INVALID at the wrong key. */
  readonly read: (entry: TemplateMap, context: EntryContext) => DeclaredFields<K>;
  /** Shown in plans, events and errors. */
  readonly title: (probe: ProbeOf<K>) => string;
  /** The place it runs, which decides which addresses its references read. */
  readonly askedFrom: 'host' | 'service';
  /** An attempt costs little, so the next one follows soon. */
  readonly cheap: boolean;
  /** Fills in references; absent: it has none. */
  readonly bind?: (fields: DeclaredFields<K>, fill: FillReferences) => ProbeFields<string, JsonMap>[K];
  /** One attempt. */
  readonly ask: (probe: ProbeOf<K>, context: AskContext) => Promise<ProbeResult>;
}

export type DeclaredFields<K extends ProbeKind> = ProbeFields<TemplateString, TemplateMap>[K];

export interface FillReferences {
  readonly text: (text: TemplateString) => string;
  readonly map: (map: TemplateMap) => JsonMap;
}

/** Everything a probe may use. */
export interface AskContext {
  readonly access: ServiceAccess;
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly protocol: (name: string) => Promise<Protocol>;
  /** How long a log probe waits for further lines, ms; 0: it reads only existing lines. */
  readonly followMs: number;
}

interface DeclaredKind<K extends ProbeKind, D extends KeyDeclarations>
  extends Omit<ProbeDeclaration<K>, 'keys' | 'read' | 'title'> {
  readonly keys?: D;
  /** Gets the values of the keys; absent: the probe has none. */
  readonly read?: (values: ValuesOf<D>, context: EntryContext) => DeclaredFields<K>;
  /** Default: the kind. */
  readonly title?: ProbeDeclaration<K>['title'];
}

export const probeKind = <K extends ProbeKind, const D extends KeyDeclarations>({
  keys,
  read,
  ...declared
}: DeclaredKind<K, D>): ProbeDeclaration<K> => ({
  title: ({ kind }) => kind,
  ...declared,
  keys: keys ?? {},
  read: (entry, context) => {
    if (!keys || !read) throw new Error(`bug: the probe "${declared.kind}" has no keys`);
    return read(readKeys(entry, keys, context), context);
  },
});

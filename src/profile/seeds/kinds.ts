import type { TemplateMap } from '../../model/json.js';
import type { SeedKind, SeedStepOf } from '../../model/service.js';
import type { TemplateString } from '../../model/template-text.js';
import { csv } from './csv.js';
import { exec } from './exec.js';
import { http } from './http.js';
import { redis } from './redis.js';
import { run } from './run.js';
import type { SeedDeclaration } from './seed-kind.js';
import { sql } from './sql.js';
import { stubs } from './stubs.js';

/** The kinds of seed: one line and one file each. */
export const seedKinds: { readonly [K in SeedKind]: SeedDeclaration<K> } = {
  sql,
  csv,
  redis,
  stubs,
  http,
  exec,
  run,
};

export const seedKindNames = Object.keys(seedKinds) as readonly SeedKind[];

/** The kind of an entry of `seed`; undefined: no key of it is a kind. */
export const seedKindOf = (entry: TemplateMap): SeedKind | undefined =>
  seedKindNames.find((kind) => Object.hasOwn(entry, kind));

export const declarationOf = <K extends SeedKind>(step: { readonly kind: K }): SeedDeclaration<K> =>
  seedKinds[step.kind];

/** A step in messages and on screens: `sql catalogue.sql`, `run npm run seed`. */
export const stepName = <K extends SeedKind>(step: SeedStepOf<K, TemplateString>): string =>
  `${step.kind} ${seedKinds[step.kind].title(step)}`;

/** The file a step loads; null: none. */
export const fileOf = (step: object): string | null =>
  'file' in step && typeof step.file === 'string' ? step.file : null;

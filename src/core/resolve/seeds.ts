import type { Json, JsonMap, Position, SeedKind, Seeding, SeedStep } from '../environment.js';
import { EnvctlError, suggest } from '../errors.js';
import { words } from '../words.js';
import type { Expanded } from './expand.js';
import type { ProtocolWords } from './input.js';
import { isMap, type Merged } from './merge.js';
import { strings } from './parameters.js';

export interface SeedContext {
  readonly merged: Merged;
  readonly protocols: ProtocolWords;
  /** Names a step may run in or wait for. */
  readonly services: readonly string[];
}

/** The seeds of a service as written. Throws PROFILE_INVALID, REFERENCE_DANGLING. */
export function readSeeds(service: Expanded, context: SeedContext): Seeding {
  const seed = isMap(service.own.seed) ? service.own.seed : {};
  const path = ['services', service.name, 'seed'];
  const steps = Array.isArray(seed.steps) ? (seed.steps as readonly Json[]) : [];
  const after = strings(seed.after);
  for (const name of after) checkService(name, context, context.merged.position([...path, 'after']));
  return { after, steps: steps.map((step, index) => readStep(step, service, { ...context, at: positionOf(context.merged, path, index) })) };
}

/** A list written without `steps:` stands one level higher. */
function positionOf(merged: Merged, path: readonly string[], index: number): Position {
  const long = merged.position([...path, 'steps', index]);
  const short = merged.position([...path, index]);
  return short.line > long.line ? short : long;
}

type At = SeedContext & { readonly at: Position };

const kinds: readonly SeedKind[] = ['sql', 'csv', 'redis', 'stubs', 'http', 'exec', 'run'];
const optionsOf: Readonly<Record<SeedKind, readonly string[]>> = {
  sql: [],
  csv: ['table', 'delimiter'],
  redis: [],
  stubs: [],
  http: ['method', 'headers', 'body', 'json', 'file', 'status'],
  exec: ['in'],
  run: ['cwd'],
};

function readStep(step: Json, service: Expanded, at: At): SeedStep {
  if (!isMap(step)) throw refuse('a seed step is a map such as { sql: seeds/data.sql }', at);
  const kind = kinds.find((one) => one in step);
  if (kind === undefined) throw refuse(`"${Object.keys(step)[0] ?? ''}" is not a kind of seed`, at, suggest(Object.keys(step)[0] ?? '', kinds));
  const unknown = Object.keys(step).find((key) => key !== kind && !optionsOf[kind].includes(key));
  if (unknown !== undefined) throw refuse(`the seed "${kind}" has no option "${unknown}"`, at, suggest(unknown, optionsOf[kind]));
  checkSpoken(kind, service, at);
  return { ...readers[kind](step, service, at), position: at.at } as SeedStep;
}

/** A union member without its position; distributes over the union. */
type Bare<T> = T extends unknown ? Omit<T, 'position'> : never;
type Reader = (step: JsonMap, service: Expanded, at: At) => Bare<SeedStep>;

const readers: Readonly<Record<SeedKind, Reader>> = {
  sql: (step) => ({ kind: 'sql', file: String(step.sql) }),
  redis: (step) => ({ kind: 'redis', file: String(step.redis) }),
  stubs: (step) => ({ kind: 'stubs', file: String(step.stubs) }),
  csv: (step, _, at) => {
    if (typeof step.table !== 'string') throw refuse('a csv seed needs the table it fills', at, 'Add `table: <name>` beside `csv:`.');
    return { kind: 'csv', file: String(step.csv), table: step.table, delimiter: typeof step.delimiter === 'string' ? step.delimiter : ',' };
  },
  http: (step) => ({
    kind: 'http',
    method: typeof step.method === 'string' ? step.method.toUpperCase() : step.body === undefined && step.json === undefined && step.file === undefined ? 'GET' : 'POST',
    url: String(step.http),
    headers: { ...(step.json === undefined ? {} : { 'content-type': 'application/json' }), ...texts(step.headers) },
    body: step.json === undefined ? (step.body === undefined ? null : String(step.body)) : JSON.stringify(step.json),
    file: typeof step.file === 'string' ? step.file : null,
    status: typeof step.status === 'number' ? step.status : null,
  }),
  exec: (step, service, at) => {
    const where = typeof step.in === 'string' ? step.in : service.name;
    checkService(where, at, at.at);
    return { kind: 'exec', service: where, argv: argv(step.exec) };
  },
  run: (step) => ({ kind: 'run', argv: argv(step.run), cwd: String(step.cwd ?? '.') }),
};

const argv = (value: Json | undefined): readonly string[] => (typeof value === 'string' ? words(value) : strings(value));

const texts = (value: Json | undefined): Readonly<Record<string, string>> =>
  isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)])) : {};

function checkSpoken(kind: SeedKind, service: Expanded, at: At): void {
  if (kind === 'exec' || kind === 'run' || kind === 'http') return;
  const speaks = service.template?.speaks;
  const able = Object.entries(at.protocols).filter(([, words]) => words.seeds.includes(kind));
  if (speaks && able.some(([name]) => name === speaks)) return;
  throw refuse(`"${service.name}" ${speaks ? `speaks ${speaks}, which` : 'has no template, so it'} takes no "${kind}" seeds`, at, `${kind} seeds go to services that speak ${able.map(([name]) => name).join(' or ')}.`);
}

function checkService(name: string, context: SeedContext, position: Position): void {
  if (context.services.includes(name)) return;
  throw new EnvctlError('REFERENCE_DANGLING', `there is no service "${name}"`, { hint: suggest(name, context.services), position });
}

function refuse(message: string, at: At, hint = `Kinds of seed: ${kinds.join(', ')}.`): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', message, { hint, position: at.at });
}

import { EnvctlError, suggest } from '../../model/errors.js';
import type { Json, JsonMap } from '../../model/json.js';
import { isMap } from '../../model/json.js';
import type { Position, TemplateText } from '../../model/profile.js';
import type { Seeding, SeedKind, SeedStep } from '../../model/service.js';
import { splitCommandLine } from '../../model/split-command-line.js';
import type { ProtocolWords } from '../resolve-input.js';
import { isScalar, strings } from './parameters.js';
import type { Expanded } from './template.js';

export interface SeedContext {
  readonly protocols: ProtocolWords;
  /** Names a step may run in or wait for. */
  readonly services: readonly string[];
}

/** The seeds of a service as written. Throws PROFILE_INVALID, REFERENCE_DANGLING. */
export function readSeeds(service: Expanded, context: SeedContext): Seeding {
  const seed = isMap(service.own.seed) ? service.own.seed : {};
  const steps = Array.isArray(seed.steps) ? (seed.steps as readonly Json[]) : [];
  const after = strings(seed.after);
  for (const [index, name] of after.entries()) checkService(name, context, service.at('seed', 'after', index));
  return {
    after,
    steps: steps.map((step, index) =>
      readStep(step, { ...context, service, at: (...path) => service.at('seed', 'steps', index, ...path) }),
    ),
  };
}

interface StepContext extends SeedContext {
  readonly service: Expanded;
  /** Where a key of the step was written. */
  readonly at: (...path: readonly string[]) => Position;
}

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

function readStep(step: Json, context: StepContext): SeedStep {
  if (!isMap(step)) throw refuse('a seed step is a map such as { sql: seeds/data.sql }', context.at());
  const kind = kinds.find((one) => Object.hasOwn(step, one));
  const [first = ''] = Object.keys(step);
  if (kind === undefined) throw refuse(`"${first}" is not a kind of seed`, context.at(first), suggest(first, kinds));
  const unknown = Object.keys(step).find((key) => key !== kind && !optionsOf[kind].includes(key));
  if (unknown !== undefined)
    throw refuse(
      `the seed "${kind}" has no option "${unknown}"`,
      context.at(unknown),
      suggest(unknown, optionsOf[kind]),
    );
  checkSpoken(kind, context);
  return { ...readers[kind](step, context), position: context.at() } as SeedStep;
}

/** A union member without its position; distributes over the union. */
type Bare<T> = T extends unknown ? Omit<T, 'position'> : never;
type Reader = (step: JsonMap, context: StepContext) => Bare<SeedStep>;

const readers: Readonly<Record<SeedKind, Reader>> = {
  sql: (step) => ({ kind: 'sql', file: file(step.sql) }),
  redis: (step) => ({ kind: 'redis', file: file(step.redis) }),
  stubs: (step) => ({ kind: 'stubs', file: file(step.stubs) }),
  csv: (step, { at }) => {
    if (!isScalar(step.table))
      throw refuse('a csv seed needs the table it fills', at('csv'), 'Add `table: <name>` beside `csv:`.');
    return {
      kind: 'csv',
      file: file(step.csv),
      table: literal(String(step.table)),
      delimiter: typeof step.delimiter === 'string' ? step.delimiter : ',',
    };
  },
  http: readHttp,
  exec: (step, context) => {
    const where = typeof step.in === 'string' ? step.in : context.service.name;
    checkService(where, context, context.at('in'));
    return { kind: 'exec', service: where, argv: argv('exec', step, context) };
  },
  run: (step, context) => ({ kind: 'run', argv: argv('run', step, context), cwd: literal(String(step.cwd ?? '.')) }),
};

function readHttp(step: JsonMap, { at }: StepContext): Bare<SeedStep> {
  const [body, second] = ['body', 'json', 'file'].filter((key) => step[key] !== undefined);
  if (second !== undefined)
    throw refuse(`an http seed has one body, not ${body} and ${second}`, at(second), 'Keep one of them.');
  return {
    kind: 'http',
    method: typeof step.method === 'string' ? step.method.toUpperCase() : body === undefined ? 'GET' : 'POST',
    url: String(step.http),
    headers: { ...(step.json === undefined ? {} : { 'content-type': 'application/json' }), ...texts(step.headers) },
    body: step.json === undefined ? (step.body === undefined ? null : String(step.body)) : JSON.stringify(step.json),
    file: typeof step.file === 'string' ? file(step.file) : null,
    status: typeof step.status === 'number' ? step.status : null,
  };
}

/** What is no Text for whoever reads it: `$$` is a `$` already. */
const literal = (text: TemplateText): string => text.replaceAll('$$', '$');
const file = (path: Json | undefined): string => literal(String(path));

function argv(kind: 'exec' | 'run', step: JsonMap, { at }: StepContext): readonly string[] {
  const found = typeof step[kind] === 'string' ? splitCommandLine(String(step[kind])) : strings(step[kind]);
  if (found.length > 0) return found;
  throw refuse(`"${kind}" has no command`, at(kind), 'Write a command line, or a list of words.');
}

const texts = (value: Json | undefined): Readonly<Record<string, string>> =>
  isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, text]) => [key.toLowerCase(), String(text)])) : {};

function checkSpoken(kind: SeedKind, { service, protocols, at }: StepContext): void {
  if (kind === 'exec' || kind === 'run' || kind === 'http') return;
  const speaks = service.template?.speaks;
  const able = Object.entries(protocols).filter(([, one]) => one.seeds.includes(kind));
  if (speaks && able.some(([name]) => name === speaks)) return;
  const why = speaks ? `speaks ${speaks}, which` : 'has no template, so it';
  throw refuse(
    `"${service.name}" ${why} takes no "${kind}" seeds`,
    at(kind),
    `${kind} seeds go to services that speak ${able.map(([name]) => name).join(' or ')}.`,
  );
}

function checkService(name: string, { services }: SeedContext, position: Position): void {
  if (services.includes(name)) return;
  throw new EnvctlError('REFERENCE_DANGLING', `there is no service "${name}"`, {
    hint: suggest(name, services),
    position,
  });
}

function refuse(message: string, position: Position, hint = `Kinds of seed: ${kinds.join(', ')}.`): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', message, { hint, position });
}

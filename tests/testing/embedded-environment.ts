/** A small embedded engine of its own for each test file, and environments to run on it. */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { EmbeddedOptions } from '../../src/engines/embedded/context.js';
import { embeddedEngine } from '../../src/engines/embedded/engine.js';
import { listProcesses } from '../../src/engines/embedded/processes/process-table.js';
import type { Engine } from '../../src/model/engine.js';
import type { Environment, Storage } from '../../src/model/environment.js';
import type { EnvEvent } from '../../src/model/events.js';
import type { Scalar } from '../../src/model/json.js';
import type { Observed } from '../../src/model/observed.js';
import type { ProcessSpec, Service } from '../../src/model/service.js';
import type { Preparation, Prepared } from '../../src/model/workload.js';
import { bind, environmentWith } from './environments.js';

export { until } from './until.js';

export const signal = new AbortController().signal;
export const events: EnvEvent[] = [];
export const context = { signal, emit: (event: EnvEvent) => void events.push(event) };

const base = mkdtempSync('/var/tmp/envctl-embedded-');
/** If root runs the tests, PostgreSQL runs as another user, who must be able to enter this folder. */
chmodSync(base, 0o755);
export const project = base;
export const options: EmbeddedOptions = {
  env: process.env,
  stateDir: join(base, 'state'),
  cacheDir: process.env.ENVCTL_CACHE_DIR ?? join(base, 'cache'),
  nodePath: process.execPath,
};

/** A further engine over the same folders: what the next call of the command line would have. */
export const newEngine = (changes: Partial<EmbeddedOptions> = {}): Engine => embeddedEngine({ ...options, ...changes });

/** Command lines of processes that carry the mark of an instance, or of any of this file's. */
export const own = (instance = ''): readonly string[] =>
  listProcesses()
    .filter(({ owner }) => owner?.startsWith(join(options.stateDir, instance)))
    .map(({ command }) => command);

/** Removes every instance of the file's tests and looks whether anything stayed. */
afterAll(async () => {
  const engine = newEngine();
  const instances = new Set((await engine.observe(null, signal)).map(({ instance }) => instance));
  for (const instance of instances) await engine.remove(instance, { graceMs: 0, data: 'remove' }, signal);
  expect(own()).toEqual([]);
  rmSync(base, { recursive: true, force: true });
});

export interface Described {
  readonly process?: ProcessSpec | null;
  readonly run?: string;
  readonly argv?: readonly string[];
  readonly portVariable?: string;
  readonly ports?: Readonly<Record<string, number | null>>;
  readonly parameters?: Readonly<Record<string, Scalar>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly data?: readonly string[];
  readonly scale?: number;
  readonly compose?: Service['compose'];
  readonly once?: boolean;
  readonly keep?: boolean;
}

/** An environment for the embedded engine. A number in `ports` is a fixed one. */
export function environment(
  id: string,
  services: Readonly<Record<string, Described>>,
  storage: Storage = 'disk',
): Environment {
  const fields = Object.entries(services).map(([name, described]) => [name, fieldsOf(described)] as const);
  return environmentWith(Object.fromEntries(fields), { id, project, storage });
}

function fieldsOf(described: Described): Partial<Service> {
  const { ports = {}, parameters = {}, data = [], scale = 1, once = false, keep = false } = described;
  return {
    parameters,
    secrets: 'password' in parameters ? { password: [] } : {},
    compose: { ...described.compose, ...(described.environment ? { environment: described.environment } : {}) },
    process: processOf(described),
    ports: Object.fromEntries(Object.entries(ports).map(([port, fixed]) => [port, { inside: 0, fixed }])),
    data,
    once: once ? 'yes' : 'no',
    keep,
    scale,
  };
}

function processOf({ process: spec, run, argv, portVariable }: Described): ProcessSpec | null {
  if (spec !== undefined) return spec;
  if (run) return { kind: 'server', run };
  const portVariables = portVariable ? { main: portVariable } : {};
  return { kind: 'command', argv: argv ?? ['sleep', '1000'], cwd: project, portVariables };
}

/** Prepared and bound, with nothing started. */
export async function prepared(
  engine: Engine,
  wanted: Environment,
): Promise<Prepared & { readonly preparation: Preparation }> {
  await engine.check(wanted, signal);
  const observed = await engine.observe(wanted.id, signal);
  const preparation = await engine.prepare(wanted, { observed, reserve: [], images: 'make', pull: false }, context);
  return { ...bind(wanted, preparation, { runs: engine.runs }), preparation };
}

/** Prepares, creates and starts everything in order. */
export async function up(engine: Engine, wanted: Environment): ReturnType<typeof prepared> {
  const ready = await prepared(engine, wanted);
  await engine.create(
    ready,
    wanted.services.map(({ name }) => name),
    context,
  );
  for (const { name } of wanted.services) await engine.start(ready, name, context);
  return ready;
}

export async function observed(
  engine: Engine,
  instance: string,
  name: string,
  replica = 1,
): Promise<Observed | undefined> {
  return (await engine.observe(instance, signal)).find((one) => one.service === name && one.replica === replica);
}

export const instanceFolders = (): readonly string[] =>
  readdirSync(options.stateDir).filter((name) => !name.startsWith('.'));

export const linesOf = async (
  engine: Engine,
  instance: string,
  name: string,
  more: { readonly tail?: number; readonly since?: number } = {},
): Promise<readonly string[]> => {
  const lines: string[] = [];
  for await (const line of engine.logs({ instance, service: name, replica: 1 }, { signal, ...more }))
    lines.push(line.text);
  return lines;
};

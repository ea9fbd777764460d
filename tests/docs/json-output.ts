/** The shapes of everything envctl prints as JSON: documented from here, and compared with real output by a test. */
import * as z from 'zod';

const address = z.strictObject({ host: z.string(), port: z.number() });
const view = z.strictObject({
  url: z.string().nullable(),
  host: z.string(),
  port: z.number().nullable().describe('null: the service has no port'),
  ports: z.record(z.string(), z.strictObject({ url: z.string(), ...address.shape })).describe('by port name'),
  env: z.record(z.string(), z.string()).describe("the client's usual variables, such as PGHOST"),
});
const connection = z.strictObject({
  service: z.string(),
  kind: z.string().describe('db, cache, queue, mock, app, job …'),
  inside: view.describe('as other services reach it'),
  outside: view.nullable().describe('as this host reaches it (replica 1); null: not reachable'),
  urls: z.array(z.string()).describe('outside URLs of all replicas'),
  parameters: z.record(z.string(), z.string()).describe('with.*, such as database and user'),
});
const exports = z.record(z.string(), z.string());
const position = z.strictObject({ file: z.string(), line: z.number(), column: z.number() });
const problem = z.strictObject({
  code: z.string().describe('see Errors; BUG for a bug in envctl'),
  message: z.string(),
  hint: z.string(),
  detail: z.string().optional().describe('last log lines, or the output of the tool that failed'),
  position: position.optional(),
  service: z.string().optional(),
  exitCode: z.number(),
});

export const errorShape = z.strictObject({ error: problem });

const stepNames = z.enum(['remove', 'create', 'start', 'reuse', 'skip', 'gate', 'seed', 'recheck']);
const serviceOrNull = z.string().nullable();
const eventBase = { version: z.literal(1), time: z.string().describe('ISO 8601') };
const event = <T extends z.ZodRawShape>(type: string, shape: T) =>
  z.strictObject({ ...eventBase, type: z.literal(type), ...shape });

/** By `type`. */
export const eventShapes: Readonly<Record<string, z.ZodType>> = {
  begin: event('begin', {
    command: z.enum(['up', 'down']),
    instance: z.string(),
    profile: z.string(),
    engine: z.string(),
    services: z.array(z.strictObject({ name: z.string(), kind: z.string() })).describe('in start order'),
  }),
  notice: event('notice', { text: z.string() }),
  warning: event('warning', { text: z.string() }),
  substitution: event('substitution', { image: z.string(), by: z.string() }),
  image: event('image', {
    service: z.string().describe('the first service that needs the image'),
    image: z.string(),
    work: z.enum(['pull', 'build']),
    state: z.enum(['running', 'done']),
    detail: z.string().describe('latest progress line'),
  }),
  step: event('step', {
    service: serviceOrNull.describe('null for create and recheck, which concern all services'),
    step: stepNames,
    state: z.enum(['running', 'done']),
    cause: z.string().optional().describe('with state running: why the plan contains the step'),
    ms: z.number().optional().describe('with state done'),
    detail: z.string().optional().describe('with state done'),
  }),
  waiting: event('waiting', {
    service: z.string(),
    probe: z.string(),
    why: z.string().describe('latest answer of the probe; sent when it changes'),
  }),
  seeding: event('seeding', {
    service: z.string(),
    step: z.string(),
    state: z.string().describe('running, done, or skipped because the data is there already'),
    detail: z.string(),
  }),
  ready: event('ready', { service: z.string(), ms: z.number(), detail: z.string() }),
  removed: event('removed', { name: z.string(), what: z.string() }),
  failed: event('failed', { error: problem }),
  end: event('end', {
    command: z.enum(['up', 'down']),
    instance: z.string(),
    ms: z.number(),
    connections: z.array(connection).describe('secrets are masked'),
    exports: exports.describe('secrets are masked'),
    slowest: z.array(z.strictObject({ service: serviceOrNull, step: z.string(), ms: z.number() })),
  }),
};

export interface JsonOutput {
  readonly command: string;
  readonly text: string;
  readonly shape: z.ZodType;
}

/** Every command with JSON output but the event streams. */
export const jsonOutputs: readonly JsonOutput[] = [
  {
    command: 'envctl status --output json',
    text: 'Every replica of one instance. Exit code 7 if it does not exist.',
    shape: z.strictObject({
      version: z.literal(1),
      instance: z.string(),
      profile: z.string(),
      engine: z.string(),
      services: z.array(
        z.strictObject({
          service: z.string().describe('`worker`, or `worker 2` if there are several replicas'),
          kind: z.string(),
          state: z.string().describe('running, exited 1, paused, restarting …'),
          gate: z.string().describe('ready, or why not'),
          address: z.string().nullable().describe('outside URL'),
          since: z.number().nullable().describe('start time, ms since the epoch'),
        }),
      ),
    }),
  },
  {
    command: 'envctl ls --output json',
    text: 'Every instance on this machine, and which engines answered.',
    shape: z.strictObject({
      version: z.literal(1),
      instances: z.array(
        z.strictObject({
          instance: z.string(),
          profile: z.string(),
          engine: z.string(),
          running: z.number().describe('services that run, or jobs that have succeeded'),
          services: z.number(),
          state: z.string().describe('running, partly running, stopped, or down if only kept data is left'),
          createdAt: z.number().describe('ms since the epoch'),
          storage: z.enum(['memory', 'disk']),
          kept: z.array(z.string()).describe('volumes or folders that `down` kept'),
        }),
      ),
      engines: z.array(z.strictObject({ name: z.string(), usable: z.boolean(), why: z.string() })),
    }),
  },
  {
    command: 'envctl ls --profiles --output json',
    text: 'The profiles of this project.',
    shape: z.strictObject({
      version: z.literal(1),
      profiles: z.array(z.strictObject({ name: z.string(), summary: z.string(), path: z.string() })),
    }),
  },
  {
    command: 'envctl plan --output json',
    text: 'The steps `up` would take, in start order. `after` contains ids of other steps.',
    shape: z.looseObject({
      version: z.literal(1),
      nodes: z.array(
        z.looseObject({
          id: z.string(),
          step: stepNames,
          service: serviceOrNull.optional(),
          after: z.array(z.string()),
          cause: z.string().describe('why the plan contains the step'),
        }),
      ),
    }),
  },
  {
    command: 'envctl config --output json',
    text:
      'The resolved profile: merged, defaulted, checked. Secrets are masked. Services have more fields than shown; ' +
      'they follow the profile and may change between minor versions.',
    shape: z.looseObject({
      version: z.literal(1),
      id: z.string().describe('instance id'),
      profile: z.string(),
      project: z.string(),
      summary: z.string(),
      storage: z.enum(['memory', 'disk']),
      services: z.array(
        z.looseObject({ name: z.string(), kind: z.string(), compose: z.record(z.string(), z.unknown()) }),
      ),
      exports,
    }),
  },
  {
    command: 'envctl env --format json',
    text: 'The exports as one object, secrets included.',
    shape: exports,
  },
];

export const connectionFile = z.strictObject({
  version: z.literal(1),
  instance: z.string(),
  profile: z.string(),
  engine: z.string(),
  exports,
  services: z.array(connection),
});

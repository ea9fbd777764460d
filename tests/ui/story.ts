import type { Connection } from '../../src/model/connection.js';
import { EnvctlError } from '../../src/model/errors.js';
import type { EnvEvent } from '../../src/model/events.js';

/** Events, and ms that pass between them. */
export type Story = readonly (EnvEvent | number)[];

export const secret = 's3cret/pa$$';
const encoded = encodeURIComponent(secret);

const services = [
  { name: 'db', kind: 'db' },
  { name: 'migrate', kind: 'job' },
  { name: 'app', kind: 'app' },
];

export const begin: Extract<EnvEvent, { type: 'begin' }> = {
  type: 'begin',
  command: 'up',
  instance: 'shop-1a2b3c',
  profile: 'shop',
  engine: 'compose',
  services,
};

export function connection(
  service: string,
  kind: string,
  url: string | null,
  urls: readonly string[] = url === null ? [] : [url],
): Connection {
  const view = { url, host: '127.0.0.1', port: url === null ? null : 1, ports: {}, env: {} };
  return { service, kind, inside: view, outside: url === null ? null : view, urls, parameters: {} };
}

/** `up` of a database with a seed, a job and an app, with all types of events except `failed` and `removed`. */
export const up: Story = [
  begin,
  { type: 'notice', text: 'Docker was chosen: it answers' },
  { type: 'substitution', image: 'postgres:15', by: 'mirror/postgres:15' },
  { type: 'image', service: 'db', image: 'postgres:15', work: 'pull', state: 'running', detail: '' },
  500,
  { type: 'image', service: 'db', image: 'postgres:15', work: 'pull', state: 'running', detail: '12 of 80 MB' },
  500,
  { type: 'image', service: 'db', image: 'postgres:15', work: 'pull', state: 'done', detail: '' },
  { type: 'step', service: null, step: 'create', state: 'running', cause: '2 services' },
  200,
  { type: 'step', service: null, step: 'create', state: 'done', ms: 200, detail: '2 services' },
  { type: 'step', service: 'app', step: 'reuse', state: 'running', cause: 'unchanged' },
  { type: 'step', service: 'app', step: 'reuse', state: 'done', ms: 0, detail: 'unchanged' },
  { type: 'step', service: 'db', step: 'start', state: 'running', cause: 'not running' },
  100,
  { type: 'step', service: 'db', step: 'start', state: 'done', ms: 100, detail: 'not running' },
  { type: 'step', service: 'db', step: 'gate', state: 'running', cause: 'postgres' },
  { type: 'waiting', service: 'db', probe: 'postgres', why: `login as app:${secret} was refused` },
  300,
  { type: 'step', service: 'db', step: 'gate', state: 'done', ms: 300, detail: 'postgres' },
  { type: 'step', service: 'db', step: 'seed', state: 'running', cause: '1 steps' },
  { type: 'seeding', service: 'db', step: 'seeds/shop.sql', state: 'running', detail: '' },
  100,
  { type: 'seeding', service: 'db', step: 'seeds/shop.sql', state: 'done', detail: '42 statements' },
  { type: 'step', service: 'db', step: 'seed', state: 'done', ms: 100, detail: '' },
  { type: 'ready', service: 'db', ms: 500, detail: 'postgres' },
  { type: 'step', service: 'migrate', step: 'start', state: 'running', cause: 'image changed' },
  { type: 'warning', text: 'migrate says \u001b[2Jthings' },
  400,
  { type: 'ready', service: 'migrate', ms: 400, detail: 'exit 0' },
  { type: 'ready', service: 'app', ms: 0, detail: 'http' },
  { type: 'step', service: null, step: 'recheck', state: 'running', cause: 'final readiness check' },
  100,
  { type: 'step', service: null, step: 'recheck', state: 'done', ms: 100, detail: '' },
  {
    type: 'end',
    command: 'up',
    instance: 'shop-1a2b3c',
    ms: 2200,
    connections: [
      connection('db', 'db', `postgresql://app:${encoded}@127.0.0.1:49153/shop`),
      connection('app', 'app', 'http://127.0.0.1:8000'),
    ],
    exports: { APP_URL: 'http://127.0.0.1:8000', DATABASE_URL: `postgresql://app:${encoded}@127.0.0.1:49153/shop` },
    slowest: [
      { service: 'migrate', step: 'gate', ms: 400 },
      { service: null, step: 'create', ms: 200 },
    ],
  },
];

/** `up` that ends because the database exits. */
export const failure: Story = [
  begin,
  { type: 'step', service: 'db', step: 'start', state: 'running', cause: 'not running' },
  1000,
  { type: 'notice', text: 'Diagnostics saved to .envctl/failures/1' },
  {
    type: 'failed',
    error: new EnvctlError('SERVICE_FAILED', 'db exited (1)', {
      service: 'db',
      hint: 'Read its log.',
      detail: `FATAL: ${secret}`,
    }),
  },
];

export const down: Story = [
  { ...begin, command: 'down' },
  800,
  ...services.map(({ name }): EnvEvent => ({ type: 'removed', name, what: 'service' })),
  { type: 'removed', name: 'shop_db', what: 'data' },
  { type: 'end', command: 'down', instance: 'shop-1a2b3c', ms: 800, connections: [], exports: {}, slowest: [] },
];

/** Details, defaults and examples of each key, which the schema does not contain. */
import { code } from '../markdown.js';

export interface Entry {
  /** Replaces a description that the schema lacks. */
  readonly summary?: string;
  readonly text?: string;
  readonly type?: string;
  readonly default?: string;
  readonly example?: string;
}

const profile = (text: string): string => code('yaml', text);
/** The body of one service. */
const service = (text: string): string => code('yaml service', text);

export const profileEntries: Readonly<Record<string, Entry>> = {
  $schema: { summary: 'For editors', text: 'envctl ignores it.' },
  name: { text: 'Ignored in profiles: a profile is named after its file.' },
  version: { text: 'Ignored.' },
  summary: { text: '`envctl ls --profiles` shows it.', default: 'empty' },
  extends: {
    text: 'Maps merge, lists and other values replace, `null` deletes.',
    example: profile('extends: [base]\nservices:\n  db:\n    with: { database: orders }\n  cache: null'),
  },
  include: {
    text: 'Paths are relative to the profile. Everything in the profile wins over an included file.',
    example: profile('include: [../docker-compose.yml]\nservices:\n  app:\n    ready: { http: /health }'),
  },
  parameters: {
    text:
      'In order of precedence: `--set name=value`, `ENVCTL_PARAM_<NAME>`, `<name>.local.yaml`, the profile. ' +
      'Use a parameter with `${parameters.name}`.',
    example: profile(
      'parameters:\n  workers: 1\n  tier: { default: small, values: [small, large] }\nservices:\n  worker:\n    ' +
        'image: busybox\n    command: [work, "--tier=${parameters.tier}"]\n    scale: ${parameters.workers}\n    ' +
        'ready: running',
    ),
  },
  services: { type: 'map of services, or null' },
  exports: {
    text:
      'References resolve to outside addresses here. These names come on top of the ' +
      '[default exports](../connections-and-test-runners.md#default-exports).',
    example: profile('services:\n  db: { template: postgres }\nexports:\n  DATABASE_URL: ${db.url}'),
  },
  networks: { summary: 'Interpreted by Docker Compose' },
  volumes: { summary: 'Interpreted by Docker Compose' },
  configs: { summary: 'Interpreted by Docker Compose' },
  secrets: { summary: 'Interpreted by Docker Compose' },
};

export const serviceEntries: Readonly<Record<string, Entry>> = {
  template: { text: 'See [Templates](templates.md).', example: service('template: postgres') },
  with: {
    text: 'Each [template](templates.md) lists its parameters. Secret parameters are generated unless set.',
    example: service('template: postgres\nwith: { version: "16", database: shop }'),
  },
  port: {
    text: 'Published on `127.0.0.1`, on a free port unless the host port is fixed.',
    default: 'the port of the template, or none',
    example: service('image: example/app\nport: 8000'),
  },
  ports: {
    text: 'Named ports can be referred to as `${app.metrics.url}`. `main` is the port of `${app.url}`.',
    type: 'map of ports, or the list of Compose',
    example: service('image: example/app\nports: { main: 8000, metrics: "9090:9090" }'),
  },
  ready: {
    text: 'All probes of a list must succeed, and the `healthcheck` of the file, if any. See [Probes](#probes).',
    default:
      "the template's protocol; without one the `healthcheck` of the file, the `HEALTHCHECK` of the image, a " +
      'connection ' +
      'to the port, or that the service runs, whichever exists first',
    example: service(
      'image: example/app\nport: 8000\nready:\n  - http: /health\n    timeout: 30s\n  - log: "listening"',
    ),
  },
  seed: {
    text: 'A list of steps, or a map. See [Seeds](../seeds.md).',
    default: 'none',
    example: service(
      'template: postgres\nseed:\n  - sql: seeds/schema.sql\n  - csv: seeds/products.csv\n    table: products',
    ),
  },
  once: {
    text: 'Dependents start after it; `restart` leaves it alone.',
    type: 'boolean',
    default: '`false`',
    example: service('image: example/app\ncommand: ./manage.py migrate\nonce: true'),
  },
  process: {
    text:
      '`command` starts a program; `port: PORT` passes the port in the variable `PORT`, `port: auto` passes none ' +
      '(the program reads `${at.port}` in its arguments). `run` starts a server the embedded engine knows. ' +
      'See [Without Docker](../without-docker.md).',
    default: "the template's, or none (the service then needs Docker)",
    example: service(
      'image: node:22\ncommand: node server.js\nprocess: { command: node server.js, cwd: app, port: PORT }\nport: 8080',
    ),
  },
  timeout: {
    text: 'A `timeout` inside a probe has the same meaning.',
    type: 'duration',
    default: '120 seconds, or longer if the `HEALTHCHECK` of the image allows more',
    example: service('image: example/slow\nport: 8000\ntimeout: 5m'),
  },
  keep: {
    text: '`envctl ls` lists kept volumes and folders.',
    type: 'boolean',
    default: '`false`',
    example: service('template: postgres\nkeep: true'),
  },
};

export const probeEntries: Readonly<Record<string, Entry>> = {
  http: {
    text:
      'A GET request. Ready with a status of 200 to 399, or with `status` (a number or a list); `body` must be ' +
      'part of ' +
      'the answer, and every value of `json` must be in its JSON. `http: /health` is short for `http: { path: ' +
      '/health }`.',
    example: service('image: example/app\nport: 8000\nready: { http: /health, status: 200, json: { database: true } }'),
  },
  tcp: { text: 'The port accepts a connection.', example: service('image: example/app\nport: 8000\nready: tcp') },
  log: {
    text: 'A regular expression that a log line must match, `times` times (default 1) since the service was started.',
    example: service('image: example/worker\nready: { log: "ready\\\\.", times: 2 }'),
  },
  exec: {
    text: 'A command inside the service. Exit code 0 is ready.',
    example: service('image: postgres:17\nready: { exec: [pg_isready, -U, postgres] }'),
  },
  command: {
    text: 'A command on this host, with the exports in its environment. Exit code 0 is ready.',
    example: service('image: example/app\nport: 8000\nready: { command: [./scripts/check-app.sh] }'),
  },
  healthy: { text: "Docker's own health status.", example: service('image: example/app\nready: healthy') },
  running: {
    text: 'The container or process runs. Nothing else is checked.',
    example: service('image: example/worker\nready: running'),
  },
  postgres: {
    text: "Logs in with the service's parameters and runs `query` (default `select 1`).",
    example: service('template: postgres\nready: { postgres: { query: "select 1 from products" } }'),
  },
  mysql: {
    text: "Logs in with the service's parameters. For MySQL and MariaDB.",
    example: service('template: mysql\nready: mysql'),
  },
  redis: { text: 'Logs in and sends PING. For Redis and Valkey.', example: service('template: redis\nready: redis') },
  amqp: { text: 'Opens an AMQP connection. For RabbitMQ.', example: service('template: rabbitmq\nready: amqp') },
  wiremock: {
    text: "Asks WireMock's administration interface.",
    example: service('template: wiremock\nready: wiremock'),
  },
  mockserver: { text: "Asks MockServer's control plane.", example: service('template: mockserver\nready: mockserver') },
  'wait-on': {
    text:
      'Any resource string of [wait-on](https://github.com/jeffbski/wait-on) as the name of the probe, for what is ' +
      'not a ' +
      'service of the profile. It is checked from this host.',
    example: service('image: example/app\nready: "http-get://127.0.0.1:9000/ready"'),
  },
};

export const seedEntries: Readonly<Record<string, Entry>> = {
  sql: {
    text:
      'Runs a SQL file, in one transaction for PostgreSQL. For `postgres` and `mysql` protocols. A folder runs ' +
      'its `*.sql` files by name.',
    example: service('template: postgres\nseed: [{ sql: seeds/schema.sql }]'),
  },
  csv: {
    text: 'Loads rows into a table. The first line names the columns; an empty unquoted value is NULL.',
    example: service('template: postgres\nseed:\n  - csv: seeds/products.csv\n    table: products\n    delimiter: ";"'),
  },
  redis: { text: 'Writes keys.', example: service('template: redis\nseed: [{ redis: seeds/cache.json }]') },
  stubs: {
    text: 'Loads stubs into a mock server.',
    example: service('template: wiremock\nseed: [{ stubs: mocks/payment.json }]'),
  },
  http: {
    text: 'Sends one request. It has at most one of `body`, `json` and `file`.',
    example: service(
      'image: example/search\nport: 9200\nready: { http: / }\nseed:\n  - http: /products/_doc/1\n    method: PUT\n ' +
        '   json: { name: Lamp }\n    status: 201',
    ),
  },
  exec: {
    text: 'Runs a command in a service.',
    example: service('template: redis\nseed: [{ exec: [redis-cli, PING] }]'),
  },
  run: {
    text: 'Runs a command on this host, with the exports in its environment.',
    example: service('template: postgres\nseed: [{ run: npm run fixtures, cwd: scripts }]'),
  },
};

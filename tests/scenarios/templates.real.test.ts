/** Every built-in template comes up alone, and the first request of a client works. */
import { expect } from 'vitest';
import { expectCode, exportsOf, type Project, profile, scenario } from './vocabulary.js';

type Exports = Readonly<Record<string, string>>;

/** One request without retry. */
const firstUse: Readonly<Record<string, (exports: Exports) => Promise<unknown>>> = {
  postgres: async ({ IT_URL }) => {
    const { Client } = (await import('pg')).default;
    const client = new Client({ connectionString: IT_URL });
    await client.connect();
    return client
      .query('select 1 as one')
      .then(({ rows }) => rows[0])
      .finally(() => client.end());
  },
  mariadb: askMysql,
  mysql: askMysql,
  redis: askRedis,
  valkey: askRedis,
  rabbitmq: async ({ IT_URL, IT_MANAGEMENT_URL }) => {
    const { connect } = await import('amqplib');
    const connection = await connect(IT_URL ?? '');
    const channel = await connection.createChannel();
    await channel.assertQueue('first', { exclusive: true });
    await connection.close();
    const management = new URL(IT_MANAGEMENT_URL ?? '');
    const authorization = `Basic ${Buffer.from(`${management.username}:${management.password}`).toString('base64')}`;
    const answer = await fetch(new URL('/api/overview', management.origin), { headers: { authorization } });
    return answer.status === 200 ? { one: 1 } : answer.text();
  },
  wiremock: async ({ IT_URL }) => ({ one: (await fetch(`${IT_URL}/__admin/mappings`)).status === 200 ? 1 : 0 }),
  mockserver: async ({ IT_URL }) => ({
    one: (await fetch(`${IT_URL}/mockserver/status`, { method: 'PUT' })).status === 200 ? 1 : 0,
  }),
};

async function askMysql({ IT_URL }: Exports): Promise<unknown> {
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection(IT_URL ?? '');
  const [rows] = await connection.query('select 1 as one');
  await connection.end();
  return { ...(rows as object[])[0] };
}

async function askRedis({ IT_URL }: Exports): Promise<unknown> {
  const { Redis } = await import('ioredis');
  const client = new Redis(IT_URL ?? '', { maxRetriesPerRequest: 0, retryStrategy: () => null });
  return client
    .set('one', '1')
    .then(async () => ({ one: Number(await client.get('one')) }))
    .finally(() => client.disconnect());
}

const passwords = async (project: Project): Promise<string> =>
  (await project.envctl('status it --output json')).stdout + (await project.envctl('status it')).stdout;

for (const [template, use] of Object.entries(firstUse)) {
  scenario(`template ${template} comes up alone and serves its first client`, async (stage) => {
    const project = stage.project(profile('it', `services:\n  it: { template: ${template} }\n`));
    const up = await project.envctl('up it --ephemeral --progress plain');
    expectCode(up, 0);
    const exports = await exportsOf(project, 'it');
    expect(await use(exports)).toEqual({ one: 1 });
    const secret = exports.IT_PASSWORD;
    if (secret !== undefined) expect(up.stdout + up.stderr + (await passwords(project))).not.toContain(secret);
    expectCode(await project.envctl('down it'), 0);
  });
}

scenario('a template of the project is used like a built-in one', async (stage) => {
  const template = `summary: A clock
kind: app
parameters:
  zone: { default: UTC }
service:
  image: debian:bookworm-slim
  environment: { TZ: "\${with.zone}" }
  command: sleep 600
ready: running
`;
  const project = stage.project({
    ...profile('p', 'services:\n  clock: { template: clock, with: { zone: CET } }\n'),
    '.envctl/templates/clock.yaml': template,
  });
  expectCode(await project.envctl('up p'), 0);
  expect((await project.envctl('exec -T p clock printenv TZ')).stdout).toBe('CET\n');
  expectCode(await project.envctl('down p'), 0);
});

/** The floor's gates and seeds: the questions envctl's gates ask, every 10 ms, and the same seed files. */
import { createReadStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { addressOf, http, logLine, now, pause, postgres, redis, variables } from './wire.mjs';

const everyMs = 10;
const timeoutMs = 120_000;

/** Connections that a gate opened, for the seeds behind it. */
const clients = new Map();

/** Resolves when the probe holds for the container; throws after two minutes, and for a job that failed. */
export async function open(probe, container, engine) {
  if (probe.kind === 'log') return logLine(engine, container.Id, probe.pattern);
  if (probe.kind === 'exited') return exited(container, engine);
  const ask = askers[probe.protocol];
  const deadline = now() + timeoutMs;
  for (;;) {
    const asked = now();
    if (await ask(container, probe.options).catch(() => false)) return;
    if (now() > deadline) throw new Error(`${probe.protocol} of ${container.Name} does not answer`);
    await pause(Math.max(0, everyMs - (now() - asked)));
  }
}

async function exited({ Id }, engine) {
  const { StatusCode } = await engine.call('POST', `/containers/${Id}/wait?condition=not-running`);
  if (StatusCode !== 0) throw new Error(`job ${Id} ended with ${StatusCode}`);
}

const login = (container) => {
  const { POSTGRES_USER: user, POSTGRES_PASSWORD: password, POSTGRES_DB: database } = variables(container);
  return { ...addressOf(container), user, password, database };
};
const password = (container) => variables(container).REDIS_PASSWORD;

const askers = {
  postgres: async (container) => {
    const client = await postgres(login(container));
    await client.query('SELECT 1');
    clients.set(container.Id, client);
    return true;
  },
  redis: async (container) => {
    const [pong, persistence] = await redis(addressOf(container), password(container), [
      ['PING'],
      ['INFO', 'persistence'],
    ]);
    return pong === 'PONG' && persistence.includes('loading:0');
  },
  mockserver: async (container) =>
    (await http(addressOf(container), '/mockserver/status', { method: 'PUT' })).status === 200,
  http: async (container, { path, json }) => {
    const answer = await http(addressOf(container), path);
    const body = answer.status === 200 ? JSON.parse(answer.body) : {};
    return answer.status === 200 && Object.entries(json ?? {}).every(([key, value]) => body[key] === value);
  },
};

/** Puts one seed of the profile in. */
export async function seed(step, container) {
  await seeders[step.kind](step, container);
}

const seeders = {
  sql: ({ file }, { Id }) => clients.get(Id).query(readFileSync(file, 'utf8')),
  csv: async ({ file, table }, { Id }) => {
    const { from } = await import('pg-copy-streams');
    await pipeline(createReadStream(file), clients.get(Id).query(from(`COPY ${table} FROM STDIN CSV HEADER`)));
  },
  redis: ({ file }, container) =>
    redis(
      addressOf(container),
      password(container),
      Object.entries(JSON.parse(readFileSync(file, 'utf8'))).flatMap(commandsOf),
    ),
  stubs: async ({ file }, container) => {
    const { status, body } = await http(addressOf(container), '/mockserver/expectation', {
      method: 'PUT',
      body: readFileSync(file, 'utf8'),
      timeout: timeoutMs,
    });
    if (status !== 201) throw new Error(`${file}: ${status} ${body}`);
  },
};

const writes = {
  list: (value) => ['RPUSH', ...value],
  set: (value) => ['SADD', ...value],
  hash: (value) => ['HSET', ...Object.entries(value).flat()],
  zset: (value) => ['ZADD', ...Object.entries(value).flatMap(([member, score]) => [score, member])],
};

function commandsOf([key, entry]) {
  if (typeof entry !== 'object') return [['SET', key, entry]];
  const [name, ...words] = writes[entry.type](entry.value);
  return [[name, key, ...words], ...(entry.ttl ? [['EXPIRE', key, entry.ttl]] : [])];
}

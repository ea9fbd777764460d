/**
 * The judge: a process of its own that learns containers from the engine's events and asks each service, every `everyMs`, whether it is there
 * for a client. Independent of the contender. `node prober.mjs <spec.json>` with { engine, project, everyMs, questions: { service: question } }.
 * Writes a JSON line when it watches, one for each service when first true, and `all` when everything was true in one last asking.
 */
import { readFileSync } from 'node:fs';
import { filters, openEngine } from './engine.mjs';
import { addressOf, http, logLine, now, pause, postgres, redis, variables } from './wire.mjs';

const { engine: at, project, everyMs, questions } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const engine = openEngine(at);
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** For each kind: given question and inspected container, a function that answers true or false, or throws. */
const askers = {
  postgres: ({ ready, holds }, container) => {
    const { POSTGRES_USER: user, POSTGRES_PASSWORD: password, POSTGRES_DB: database } = variables(container);
    let client;
    const says = async (sql) => (await client.query({ text: sql, rowMode: 'array' })).rows[0][0] === true;
    return async () => {
      // Each refused attempt is a new connection; one that is accepted is kept, since a login costs more than a question.
      client ??= await postgres({ ...addressOf(container), user, password, database });
      try {
        return (await says(ready)) && (await says(holds));
      } catch (error) {
        client = undefined;
        throw error;
      }
    };
  },
  redis:
    ({ keys }, container) =>
    async () => {
      const [pong, found] = await redis(addressOf(container), variables(container).REDIS_PASSWORD, [
        ['PING'],
        ['EXISTS', ...keys],
      ]);
      return pong === 'PONG' && found === keys.length;
    },
  mockserver:
    ({ expectations }, container) =>
    async () => {
      const path = '/mockserver/retrieve?type=ACTIVE_EXPECTATIONS&format=JSON';
      const { status, body } = await http(addressOf(container), path, { method: 'PUT' });
      return status === 200 && JSON.parse(body).length >= expectations;
    },
  http:
    ({ path }, container) =>
    async () => {
      const { status, body } = await http(addressOf(container), path);
      return status === 200 && Object.values(JSON.parse(body)).every((value) => value === true);
    },
  log: ({ pattern }, container) => {
    let seen = false;
    const line = logLine(engine, container.Id, pattern).then(() => {
      seen = true;
    });
    line.catch(() => {});
    return async () => seen;
  },
};

const asking = new Map();

async function watch(service, id) {
  const container = await engine.call('GET', `/containers/${id}/json`);
  const ask = askers[questions[service].kind](questions[service], container);
  asking.set(service, ask);
  await untilTrue(ask);
  const moment = now();
  print({ seen: service, at: moment });
  return moment;
}

async function untilTrue(ask) {
  for (;;) {
    const started = now();
    if (await ask().catch(() => false)) return;
    await pause(Math.max(0, everyMs - (now() - started)));
  }
}

const moments = new Map();

async function begin(service, id) {
  moments.set(service, null);
  moments.set(service, await watch(service, id));
  if (Object.keys(questions).every((name) => moments.get(name))) await finish();
}

/** The first answers may come from a server that is about to restart, so all are asked again; the last true answer counts. */
async function finish() {
  const again = await Promise.all(
    [...asking].map(async ([, ask]) => {
      if (await ask().catch(() => false)) return 0;
      await untilTrue(ask);
      return now();
    }),
  );
  print({ all: Math.max(...moments.values(), ...again) });
  process.exit(0);
}

await import('pg'); // 50 ms that would otherwise be missing from the first answer
const events = await engine.stream(
  `/events?${filters({ type: ['container'], event: ['start'], label: [`com.docker.compose.project=${project}`] })}`,
);
print({ watching: true });
let rest = '';
for await (const chunk of events) {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines.filter(Boolean)) {
    const { Actor } = JSON.parse(line);
    const service = Actor.Attributes['com.docker.compose.service'];
    if (questions[service] && !moments.has(service)) void begin(service, Actor.ID);
  }
}

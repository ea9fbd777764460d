/** A gate opens when its probes succeed, not before, and then dependents start at once. */
import { expect } from 'vitest';
import { expectCode, exportsOf, lines, type Project, profile, scenario } from './vocabulary.js';

/** Listens on 8080 after `ms`; `/health` returns `{"database": false}`, and true `later` ms after that. */
const server = (ms: number, later: number): string =>
  `setTimeout(() => {
    const since = Date.now();
    const server = require('http').createServer((request, response) => {
      response.writeHead(request.url === '/health' ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ database: Date.now() - since > ${later} }));
    });
    server.listen(8080, () => console.log('listening'));
  }, ${ms})`;
const node = (script: string, keys: string): string =>
  `    image: node:20\n    command: ${JSON.stringify(['node', '-e', script.replaceAll('$', '$$$$')])}\n    ${keys}`;

const startedAfter = async (project: Project, later: string, earlier: string): Promise<number> =>
  Date.parse((await project.container(later)).startedAt) - Date.parse((await project.container(earlier)).startedAt);

scenario('an http gate opens when the body matches, and the first request of a dependent works', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `services:
  web:
${node(server(500, 1000), 'port: 8080')}
    ready: { http: /health, json: { database: true } }
  after: { image: debian:bookworm-slim, command: sleep 600, environment: { WEB: "\${web.url}" } }
`,
    ),
  );
  const up = await project.envctl('up p --output json');
  expectCode(up, 0);
  const waits = lines(up.stdout)
    .map((line) => JSON.parse(line) as { type: string; service?: string; why?: string })
    .filter(({ type, service }) => type === 'waiting' && service === 'web');
  expect(waits.some(({ why }) => why?.includes('database'))).toBe(true);
  expect(await startedAfter(project, 'after', 'web')).toBeGreaterThan(1500);
  const { WEB_URL } = await exportsOf(project, 'p');
  expect(await (await fetch(`${WEB_URL}/health`)).json()).toEqual({ database: true });
  expectCode(await project.envctl('down p'), 0);
});

scenario('a tcp gate opens when the service listens, not when the engine publishes the port', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `services:
  web:
${node(server(1500, 0), 'port: 8080')}
  after: { image: debian:bookworm-slim, command: sleep 600, depends_on: [web] }
`,
    ),
  );
  expectCode(await project.envctl('up p'), 0);
  expect(await startedAfter(project, 'after', 'web')).toBeGreaterThan(1500);
  const { WEB_HOST, WEB_PORT } = await exportsOf(project, 'p');
  expect((await fetch(`http://${WEB_HOST}:${WEB_PORT}/health`)).status).toBe(200);
  expectCode(await project.envctl('down p'), 0);
});

scenario('log, exec, command and wait-on gates open, and lists of probes', async (stage) => {
  const project = stage.project({
    ...profile(
      'p',
      `services:
  twice:
    image: debian:bookworm-slim
    command: sh -c "echo up; sleep 1; echo up; sleep 600"
    ready: { log: "^up$", times: 2 }
  inside:
    image: debian:bookworm-slim
    command: sh -c "sleep 1; touch /ready; sleep 600"
    ready: { exec: test -e /ready }
  here: { image: debian:bookworm-slim, command: sleep 600, ready: { command: [test, -e, "\${MARK}"] } }
  both:
${node(server(800, 0), 'port: 8080')}
    ready: [{ log: listening }, { http: /health }]
  resource:
${node(server(300, 0), 'port: "38473:8080"')}
    ready: "http-get://127.0.0.1:38473/health"
`,
    ),
    mark: '',
  });
  const up = await project.envctl('up p --progress plain', { env: { MARK: project.path('mark') } });
  expectCode(up, 0);
  for (const [service, probe] of Object.entries({
    twice: 'log',
    inside: 'exec',
    here: 'command',
    both: 'log, http',
    resource: 'wait-on',
  }))
    expect(up.stderr).toMatch(new RegExp(`${service} +ready \\(${probe}\\)`));
  expect(up.stderr).toMatch(/twice +waiting for log: no log line matches .*\(1 of 2\)/);
  expectCode(await project.envctl('down p'), 0);
});

scenario(
  'the healthcheck of an image is run without its interval, and `ready: healthy` waits for Docker',
  async (stage) => {
    const project = stage.project({
      ...profile(
        'p',
        `services:
  own:
    build: ../own
  theirs:
    build: ../own
    healthcheck: { test: [CMD, test, -e, /ready], interval: 1s }
    ready: healthy
`,
      ),
      'own/Dockerfile': `FROM debian:bookworm-slim
HEALTHCHECK --interval=60s CMD test -e /ready
CMD ["sh", "-c", "sleep 0.5; touch /ready; sleep 600"]
`,
    });
    const up = await project.envctl('up p --progress plain');
    expectCode(up, 0);
    expect(up.stderr).toMatch(/own +ready \(healthcheck\) after (\d+ms|[0-5]\.\ds)/);
    expect(up.stderr).toMatch(/theirs +ready \(healthy/);
    expectCode(await project.envctl('down p'), 0);
  },
);

scenario('a gate with `stable` opens after its probes succeed for that long', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `services:
  a: { image: debian:bookworm-slim, command: sleep 600, ready: { exec: "true", stable: 2s } }
  b: { image: debian:bookworm-slim, command: sleep 600, depends_on: [a] }
`,
    ),
  );
  expectCode(await project.envctl('up p'), 0);
  expect(await startedAfter(project, 'b', 'a')).toBeGreaterThan(2000);
  expectCode(await project.envctl('down p'), 0);
});

scenario('PostgreSQL is not ready before its init script has finished', async (stage) => {
  const project = stage.project({
    ...profile(
      'p',
      `services:
  db: { template: postgres, volumes: ["../init.sh:/docker-entrypoint-initdb.d/init.sh:ro"] }
  app:
    image: postgres:15
    environment: { URL: "\${db.url}" }
    command: sh -c "psql -qAt \\"$$URL\\" -c 'table made'"
    once: true
`,
    ),
    'init.sh': `#!/bin/sh
sleep 2
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" "$POSTGRES_DB" -c "create table made as select 1"
`,
  });
  expectCode(await project.envctl('up p --ephemeral'), 0);
  expect((await project.envctl('logs p app')).stdout).toBe('1\n');
  expectCode(await project.envctl('down p'), 0);
});

scenario('independent services start in parallel', async (stage) => {
  const keys = '{ image: debian:bookworm-slim, command: sh -c "sleep 2; echo up; sleep 600", ready: { log: up } }';
  const slow = Array.from({ length: 5 }, (_, index) => `  s${index}: ${keys}\n`).join('');
  const project = stage.project(profile('p', `services:\n${slow}`));
  expectCode(await project.envctl('up p'), 0);
  const starts = (await project.containers()).map(({ startedAt }) => Date.parse(startedAt));
  expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(2000);
  expectCode(await project.envctl('down p'), 0);
});

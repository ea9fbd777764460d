/** A gate opens when what is asked really answers, not before, and dependents start the moment it does. */
import { expect } from 'vitest';
import { expectCode, exportsOf, lines, type Project, profile, scenario } from './vocabulary.js';

/** Listens on 8080 after `ms`; `/health` is `{"database":…}`, true `later` ms after that. */
const server = (ms: number, later: number): string =>
  `setTimeout(() => { const since = Date.now(); require('http').createServer((q, r) => { const up = Date.now() - since > ${later}; r.writeHead(q.url === '/health' ? 200 : 404, { 'content-type': 'application/json' }); r.end(JSON.stringify({ database: up })); }).listen(8080, () => console.log('listening')); }, ${ms})`;
const node = (script: string, words: string): string =>
  `    image: node:20\n    command: ${JSON.stringify(['node', '-e', script.replaceAll('$', '$$$$')])}\n${words}`;

const startedAfter = async (project: Project, later: string, earlier: string): Promise<number> =>
  Date.parse((await project.container(later)).startedAt) - Date.parse((await project.container(earlier)).startedAt);

scenario(
  'http: a dependent starts when the body says what was asked for, and the first request works',
  async (stage) => {
    const project = stage.project(
      profile(
        'p',
        `services:\n  web:\n${node(server(500, 1000), '    port: 8080\n    ready: { http: /health, json: { database: true } }\n')}  after: { image: debian:bookworm-slim, command: sleep 600, environment: { WEB: "\${web.url}" } }\n`,
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
  },
);

scenario('tcp: a bare port is ready when the service itself listens, not when the engine does', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      `services:\n  web:\n${node(server(1500, 0), '    port: 8080\n')}  after: { image: debian:bookworm-slim, command: sleep 600, depends_on: [web] }\n`,
    ),
  );
  expectCode(await project.envctl('up p'), 0);
  expect(await startedAfter(project, 'after', 'web')).toBeGreaterThan(1500);
  const { WEB_HOST, WEB_PORT } = await exportsOf(project, 'p');
  expect((await fetch(`http://${WEB_HOST}:${WEB_PORT}/health`)).status).toBe(200);
  expectCode(await project.envctl('down p'), 0);
});

scenario('log, exec, command, wait-on and lists of probes', async (stage) => {
  const project = stage.project({
    ...profile(
      'p',
      `services:
  twice: { image: debian:bookworm-slim, command: sh -c "echo up; sleep 1; echo up; sleep 600", ready: { log: "^up$", times: 2 } }
  inside: { image: debian:bookworm-slim, command: sh -c "sleep 1; touch /ready; sleep 600", ready: { exec: test -e /ready } }
  here: { image: debian:bookworm-slim, command: sleep 600, ready: { command: [test, -e, "\${MARK}"] } }
  both:
${node(server(800, 0), '    port: 8080\n    ready: [{ log: listening }, { http: /health }]\n')}  resource:
${node(server(300, 0), '    port: "38473:8080"\n    ready: "http-get://127.0.0.1:38473/health"\n')}`,
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
  'a healthcheck of the image is asked at our pace, and Docker’s own verdict can be waited for',
  async (stage) => {
    const project = stage.project({
      ...profile(
        'p',
        'services:\n  own:\n    build: ../own\n  theirs:\n    build: ../own\n    healthcheck: { test: [CMD, test, -e, /ready], interval: 1s }\n    ready: healthy\n',
      ),
      'own/Dockerfile':
        'FROM debian:bookworm-slim\nHEALTHCHECK --interval=60s CMD test -e /ready\nCMD ["sh", "-c", "sleep 0.5; touch /ready; sleep 600"]\n',
    });
    const up = await project.envctl('up p --progress plain');
    expectCode(up, 0);
    expect(up.stderr).toMatch(/own +ready \(healthcheck\) after (\d+ms|[0-5]\.\ds)/);
    expect(up.stderr).toMatch(/theirs +ready \(healthy/);
    expectCode(await project.envctl('down p'), 0);
  },
);

scenario('a gate with `stable` has to hold that long', async (stage) => {
  const project = stage.project(
    profile(
      'p',
      'services:\n  a: { image: debian:bookworm-slim, command: sleep 600, ready: { exec: "true", stable: 2s } }\n  b: { image: debian:bookworm-slim, command: sleep 600, depends_on: [a] }\n',
    ),
  );
  expectCode(await project.envctl('up p'), 0);
  expect(await startedAfter(project, 'b', 'a')).toBeGreaterThan(2000);
  expectCode(await project.envctl('down p'), 0);
});

scenario(
  'PostgreSQL is not ready while its init script runs: a dependent’s first query finds what it made',
  async (stage) => {
    const project = stage.project({
      ...profile(
        'p',
        'services:\n  db: { template: postgres, volumes: ["../init.sh:/docker-entrypoint-initdb.d/init.sh:ro"] }\n  app:\n    image: postgres:15\n    environment: { URL: "${db.url}" }\n    command: sh -c "psql -qAt \\"$$URL\\" -c \'table made\'"\n    once: true\n',
      ),
      'init.sh':
        '#!/bin/sh\nsleep 2\npsql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" "$POSTGRES_DB" -c "create table made as select 1"\n',
    });
    expectCode(await project.envctl('up p --ephemeral'), 0);
    expect((await project.envctl('logs p app')).stdout).toBe('1\n');
    expectCode(await project.envctl('down p'), 0);
  },
);

scenario('services that need nothing of each other start side by side', async (stage) => {
  const slow = Array.from(
    { length: 5 },
    (_, index) =>
      `  s${index}: { image: debian:bookworm-slim, command: sh -c "sleep 2; echo up; sleep 600", ready: { log: up } }\n`,
  ).join('');
  const project = stage.project(profile('p', `services:\n${slow}`));
  expectCode(await project.envctl('up p'), 0);
  const starts = (await project.containers()).map(({ startedAt }) => Date.parse(startedAt));
  expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(2000);
  expectCode(await project.envctl('down p'), 0);
});

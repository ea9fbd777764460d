/** Keys, stubs, requests and commands as seeds, and their errors. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { expect } from 'vitest';
import { expectCode, exportsOf, type Project, profile, scenario } from './vocabulary.js';

const keys = async (project: Project, ...words: readonly string[]): Promise<string> =>
  (
    await project.envctl([
      'exec',
      '-T',
      'p',
      'cache',
      '--',
      'sh',
      '-c',
      'REDISCLI_AUTH=$REDIS_PASSWORD redis-cli --no-raw "$@"',
      'sh',
      ...words,
    ])
  ).stdout.trim();

scenario('redis seeds set keys with their types and TTLs', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  cache: { template: redis, seed: [{ redis: ../seeds/cache.json }] }\n'),
    'seeds/cache.json': JSON.stringify({
      plain: 'text',
      list: { type: 'list', value: ['a', 'b'] },
      hash: { type: 'hash', value: { k: 'v' } },
      set: { type: 'set', value: ['x'] },
      fleeting: { type: 'string', value: 'soon', ttl: 500 },
    }),
  });
  const up = await project.envctl('up p --progress plain');
  expectCode(up, 0);
  expect(up.stderr).toContain('(5 keys');
  expect(await keys(project, 'GET', 'plain')).toBe('"text"');
  expect(await keys(project, 'HGET', 'hash', 'k')).toBe('"v"');
  expect(await keys(project, 'TYPE', 'list')).toBe('list');
  expect(await keys(project, 'TYPE', 'set')).toBe('set');
  expect(Number(/\d+/.exec((await keys(project, 'TTL', 'fleeting')).replace('(integer)', ''))?.[0])).toBeGreaterThan(
    400,
  );
  expect(await keys(project, 'TTL', 'plain')).toContain('-1');
  expectCode(await project.envctl('down p'), 0);
});

scenario('stub seeds are loaded into WireMock and MockServer', async (stage) => {
  const project = stage.project({
    ...profile(
      'p',
      `services:
  wire: { template: wiremock, seed: [{ stubs: ../mocks/wire.json }] }
  mock: { template: mockserver, seed: [{ stubs: ../mocks/mock.json }] }
`,
    ),
    'mocks/wire.json': JSON.stringify({
      mappings: [
        { request: { method: 'GET', urlPath: '/price' }, response: { status: 200, jsonBody: { price: 7 } } },
        { request: { method: 'GET', urlPath: '/removed' }, response: { status: 410 } },
      ],
    }),
    'mocks/mock.json': JSON.stringify([
      { httpRequest: { method: 'GET', path: '/pay' }, httpResponse: { statusCode: 202, body: 'paid' } },
    ]),
  });
  const up = await project.envctl('up p --progress plain');
  expectCode(up, 0);
  expect(up.stderr).toMatch(/wire +seeded stubs wire\.json \(2 stubs/);
  expect(up.stderr).toMatch(/mock +seeded stubs mock\.json \(1 stubs/);
  const exports = await exportsOf(project, 'p');
  expect(await (await fetch(`${exports.WIRE_URL}/price`)).json()).toEqual({ price: 7 });
  expect((await fetch(`${exports.WIRE_URL}/removed`)).status).toBe(410);
  const paid = await fetch(`${exports.MOCK_URL}/pay`);
  expect([paid.status, await paid.text()]).toEqual([202, 'paid']);
  expectCode(await project.envctl('down p'), 0);
});

scenario('up fails with the file of a stub that the mock refuses', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  mock: { template: mockserver, seed: [{ stubs: ../mocks/mock.json }] }\n'),
    'mocks/mock.json': JSON.stringify([{ httpRequset: { path: '/pay' }, httpResponse: { statusCode: 202 } }]),
  });
  const up = await project.envctl('up p');
  expectCode(up, 9);
  expect(up.stderr).toMatch(/mocks\/mock\.json/);
  expect(up.stderr).toContain('httpRequset');
});

scenario('http, exec and run seeds run on this host, in the service or in another one', async (stage) => {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      heard.push(`${request.method} ${request.url} ${request.headers['x-from']} ${body}`);
      response.writeHead(request.url === '/teapot' ? 418 : 201).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  const project = stage.project({
    ...profile(
      'p',
      `services:
  cache:
    template: redis
    seed:
      - http: "http://127.0.0.1:${port}/items"
        method: PUT
        headers: { X-From: "\${cache.host}" }
        json: { cache: "\${cache.port}" }
      - { http: "http://127.0.0.1:${port}/teapot", method: POST, status: 418 }
      - { exec: [sh, -c, "REDISCLI_AUTH=$$REDIS_PASSWORD redis-cli set inside \${cache.port}"] }
      - { exec: [sh, -c, "echo from another > /tmp/seeded"], in: other }
      - { run: [node, seed.mjs, "\${cache.url}"] }
  other: { image: debian:bookworm-slim, command: sleep 600 }
`,
    ),
    'environments/seed.mjs': `import { writeFileSync } from 'node:fs';
writeFileSync('ran.txt', process.argv[2] + '\\n' + process.env.CACHE_URL);
`,
  });
  try {
    expectCode(await project.envctl('up p'), 0);
    const exports = await exportsOf(project, 'p');
    expect(heard).toEqual([
      `PUT /items 127.0.0.1 {"cache":"${exports.CACHE_PORT}"}`,
      expect.stringContaining('POST /teapot'),
    ]);
    expect(await keys(project, 'GET', 'inside')).toBe('"6379"');
    expect((await project.envctl('exec -T p other cat /tmp/seeded')).stdout).toBe('from another\n');
    expect(readFileSync(project.path('environments/ran.txt'), 'utf8')).toBe(
      `${exports.CACHE_URL}\n${exports.CACHE_URL}`,
    );

    heard.length = 0;
    const again = await project.envctl('up p --progress plain');
    expectCode(again, 0);
    expect(heard).toEqual([]);
    expectCode(await project.envctl('down p'), 0);
  } finally {
    server.close();
  }
});

for (const { what, step, says } of [
  { what: 'an http step that is answered otherwise', step: '{ http: /nothing-here }', says: /http GET .*404/s },
  {
    what: 'an exec step that fails',
    step: '{ exec: [sh, -c, "echo no such table >&2; exit 3"] }',
    says: /exec sh -c [\s\S]* of service "web" exited with code 3[\s\S]*no such table/,
  },
  {
    what: 'a run step that fails',
    step: '{ run: [sh, -c, "echo no such file; exit 4"] }',
    says: /run sh -c [\s\S]* of service "web" exited with code 4[\s\S]*no such file/,
  },
  {
    what: 'a run step whose program does not exist',
    step: '{ run: no-such-program }',
    says: /Seed "run no-such-program" of service "web" exited with code 127[\s\S]*not found/,
  },
]) {
  scenario(`${what} is reported at its line of the profile, with its output`, async (stage) => {
    const project = stage.project(
      profile('p', `services:\n  web:\n    template: wiremock\n    seed:\n      - ${step}\n`),
    );
    const up = await project.envctl('up p');
    expectCode(up, 9);
    expect(up.stderr).toMatch(/environments\/p\.yaml:5:\d+ /);
    expect(up.stderr).toMatch(says);
  });
}

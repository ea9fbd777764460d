/** Seeds go in after the gate and before dependents, each once; what fails names its line in the database's own words and leaves nothing half-done. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { expect } from 'vitest';
import { expectCode, exportsOf, profile, type Project, scenario } from './vocabulary.js';

const sql = async (project: Project, text: string): Promise<string> =>
  (await project.envctl(['exec', '-T', 'p', 'db', '--', 'sh', '-c', 'PGPASSWORD=$POSTGRES_PASSWORD psql -qAt -h 127.0.0.1 -U "$POSTGRES_USER" "$POSTGRES_DB" -c "$0"', text])).stdout.trim();
const mysql = async (project: Project, text: string): Promise<string> =>
  (await project.envctl(['exec', '-T', 'p', 'db', '--', 'sh', '-c', 'MYSQL_PWD=$MARIADB_PASSWORD mariadb -N -h 127.0.0.1 -u "$MARIADB_USER" "$MARIADB_DATABASE" -e "$0"', text])).stdout.trim();
const keys = async (project: Project, ...words: readonly string[]): Promise<string> =>
  (await project.envctl(['exec', '-T', 'p', 'cache', '--', 'sh', '-c', 'REDISCLI_AUTH=$REDIS_PASSWORD redis-cli --no-raw "$@"', 'sh', ...words])).stdout.trim();

const tables = 'CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price numeric(8,2));\n';
const twenty = `id,name,price\n${Array.from({ length: 20 }, (_, row) => `${row + 1},"Thing, ${row + 1}",${row}.50`).join('\n')}\n`;

scenario('sql and csv fill PostgreSQL before its dependents start, and a second up puts nothing in twice', async (stage) => {
  const project = stage.project({
    ...profile(
      'p',
      `services:
  db:
    template: postgres
    seed:
      - sql: ../seeds/tables.sql
      - { csv: ../seeds/products.csv, table: products }
      - sql: ../seeds/more
  app:
    image: postgres:15
    environment: { URL: "\${db.url}" }
    command: sh -c "psql -qAt \\"$$URL\\" -c 'select count(*) from products' && sleep 600"
    ready: { log: "^22$" }
`,
    ),
    'seeds/tables.sql': tables,
    'seeds/products.csv': twenty,
    'seeds/more/1.sql': "INSERT INTO products VALUES (21, 'a;b', 1);\n",
    'seeds/more/2.sql': "INSERT INTO products VALUES (22, 'c', 1);\n",
  });
  const up = await project.envctl('up p --ephemeral --progress plain');
  expectCode(up, 0);
  expect(up.stderr).toMatch(/db +seeded csv products\.csv \(20 rows/);
  expect(await sql(project, "select count(*), min(name) filter (where id = 3), max(name) filter (where id = 21) from products")).toBe('22|Thing, 3|a;b');
  const again = await project.envctl('up p --progress plain');
  expectCode(again, 0);
  expect(again.stderr).toMatch(/kept csv products\.csv \(already there\)/);
  expect(await sql(project, 'select count(*) from products')).toBe('22');
  expectCode(await project.envctl('down p'), 0);
});

scenario('a seed that fails names file, line and the database’s words, and rolls back', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  db:\n    template: postgres\n    seed:\n      - sql: ../seeds/tables.sql\n      - sql: ../seeds/wrong.sql\n'),
    'seeds/tables.sql': tables,
    'seeds/wrong.sql': "INSERT INTO products VALUES (1, 'one', 1);\nINSERT INTO products VALUES (2, 'two', 1);\n\nINSERT INTO prodcuts VALUES (3, 'three', 1);\n",
  });
  const up = await project.envctl('up p --ephemeral --keep');
  expectCode(up, 9);
  expect(up.stderr).toMatch(/seeds\/wrong\.sql:4:13 .*relation "prodcuts" does not exist/);
  expect(up.stderr).toMatch(/^→ ./m);
  expect(await sql(project, 'select count(*) from products')).toBe('0');

  project.write('seeds/wrong.sql', "INSERT INTO products VALUES (1, 'one', 1);\n");
  expectCode(await project.envctl('up p'), 0);
  expect(await sql(project, 'select count(*) from products')).toBe('1');
  expectCode(await project.envctl('down p'), 0);
});

scenario('a CSV row that does not fit names its line, and none of the file stays', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  db:\n    template: postgres\n    seed:\n      - sql: ../seeds/tables.sql\n      - { csv: ../seeds/products.csv, table: products }\n'),
    'seeds/tables.sql': tables,
    'seeds/products.csv': 'id,name,price\n1,one,1.00\n2,two,cheap\n3,three,3.00\n',
  });
  const up = await project.envctl('up p --ephemeral --keep');
  expectCode(up, 9);
  expect(up.stderr).toMatch(/seeds\/products\.csv:3\b.*cheap/s);
  expect(await sql(project, 'select count(*) from products')).toBe('0');
  expectCode(await project.envctl('down p'), 0);
});

scenario('a failing seed without --keep leaves nothing at all', async (stage) => {
  const project = stage.project({ ...profile('p', 'services:\n  db: { template: postgres, seed: [{ sql: ../seeds/wrong.sql }] }\n'), 'seeds/wrong.sql': 'SELECT 1/0;\n' });
  const up = await project.envctl('up p');
  expectCode(up, 9);
  expect(up.stderr).toMatch(/seeds\/wrong\.sql:1:\d+ .*division by zero/);
  expect(await project.containers()).toEqual([]);
  expect(await project.volumes()).toEqual([]);
});

scenario('a seed that changed after it ran is refused, since the store still holds what it put in', async (stage) => {
  const project = stage.project({ ...profile('p', 'services:\n  db: { template: postgres, seed: [{ sql: ../seeds/tables.sql }] }\n'), 'seeds/tables.sql': tables });
  expectCode(await project.envctl('up p --ephemeral'), 0);
  project.write('seeds/tables.sql', `${tables}INSERT INTO products VALUES (1, 'one', 1);\n`);
  const up = await project.envctl('up p');
  expectCode(up, 9);
  expect(up.stderr).toMatch(/tables\.sql has changed since it ran/);
  expect(up.stderr).toMatch(/→ .*envctl down.*envctl up/);
  expect(await sql(project, 'select count(*) from products')).toBe('0');
  expectCode(await project.envctl('down p'), 0);
});

scenario('a seed file that does not exist is told at the profile’s line', async (stage) => {
  const project = stage.project(profile('p', 'services:\n  db:\n    template: postgres\n    seed:\n      - sql: ../seeds/none.sql\n'));
  const up = await project.envctl('up p --ephemeral');
  expectCode(up, 9);
  expect(up.stderr).toMatch(/environments\/p\.yaml:5:\d+ .*seeds\/none\.sql does not exist/);
});

scenario('sql and csv fill MariaDB, and a failing one names its line', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  db:\n    template: mariadb\n    seed:\n      - sql: ../seeds/tables.sql\n      - { csv: ../seeds/products.csv, table: products }\n'),
    'seeds/tables.sql': tables,
    'seeds/products.csv': twenty,
  });
  expectCode(await project.envctl('up p --ephemeral'), 0);
  expect(await mysql(project, 'select count(*), max(price) from products')).toBe('20\t19.50');
  expectCode(await project.envctl('down p'), 0);
  project.write('seeds/tables.sql', `${tables}INSERT INTO prodcuts VALUES (3, 'three', 1);\n`);
  const up = await project.envctl('up p --ephemeral');
  expectCode(up, 9);
  expect(up.stderr).toMatch(/seeds\/tables\.sql:2\b.*prodcuts.* doesn't exist/s);
});

scenario('redis keys keep their types and their time to live', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  cache: { template: redis, seed: [{ redis: ../seeds/cache.json }] }\n'),
    'seeds/cache.json': JSON.stringify({ plain: 'text', list: { type: 'list', value: ['a', 'b'] }, hash: { type: 'hash', value: { k: 'v' } }, set: { type: 'set', value: ['x'] }, fleeting: { type: 'string', value: 'soon', ttl: 500 } }),
  });
  const up = await project.envctl('up p --progress plain');
  expectCode(up, 0);
  expect(up.stderr).toContain('(5 keys');
  expect(await keys(project, 'GET', 'plain')).toBe('"text"');
  expect(await keys(project, 'HGET', 'hash', 'k')).toBe('"v"');
  expect(await keys(project, 'TYPE', 'list')).toBe('list');
  expect(await keys(project, 'TYPE', 'set')).toBe('set');
  expect(Number(/\d+/.exec((await keys(project, 'TTL', 'fleeting')).replace('(integer)', ''))?.[0])).toBeGreaterThan(400);
  expect(await keys(project, 'TTL', 'plain')).toContain('-1');
  expectCode(await project.envctl('down p'), 0);
});

scenario('stubs are loaded into WireMock and MockServer, and answered from', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  wire: { template: wiremock, seed: [{ stubs: ../mocks/wire.json }] }\n  mock: { template: mockserver, seed: [{ stubs: ../mocks/mock.json }] }\n'),
    'mocks/wire.json': JSON.stringify({ mappings: [{ request: { method: 'GET', urlPath: '/price' }, response: { status: 200, jsonBody: { price: 7 } } }, { request: { method: 'GET', urlPath: '/gone' }, response: { status: 410 } }] }),
    'mocks/mock.json': JSON.stringify([{ httpRequest: { method: 'GET', path: '/pay' }, httpResponse: { statusCode: 202, body: 'paid' } }]),
  });
  const up = await project.envctl('up p --progress plain');
  expectCode(up, 0);
  expect(up.stderr).toMatch(/wire +seeded stubs wire\.json \(2 stubs/);
  expect(up.stderr).toMatch(/mock +seeded stubs mock\.json \(1 stubs/);
  const told = await exportsOf(project, 'p');
  expect(await (await fetch(`${told.WIRE_URL}/price`)).json()).toEqual({ price: 7 });
  expect((await fetch(`${told.WIRE_URL}/gone`)).status).toBe(410);
  const paid = await fetch(`${told.MOCK_URL}/pay`);
  expect([paid.status, await paid.text()]).toEqual([202, 'paid']);
  expectCode(await project.envctl('down p'), 0);
});

scenario('a stub that the mock refuses ends up with its file', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  mock: { template: mockserver, seed: [{ stubs: ../mocks/mock.json }] }\n'),
    'mocks/mock.json': JSON.stringify([{ httpRequset: { path: '/pay' }, httpResponse: { statusCode: 202 } }]),
  });
  const up = await project.envctl('up p');
  expectCode(up, 9);
  expect(up.stderr).toMatch(/mocks\/mock\.json/);
  expect(up.stderr).toContain('httpRequset');
});

scenario('http, exec and run steps work from where they stand: the service, another service, this host', async (stage) => {
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
      - { http: "http://127.0.0.1:${port}/items", method: PUT, headers: { X-From: "\${cache.host}" }, json: { cache: "\${cache.port}" } }
      - { http: "http://127.0.0.1:${port}/teapot", method: POST, status: 418 }
      - { exec: [sh, -c, "REDISCLI_AUTH=$$REDIS_PASSWORD redis-cli set inside \${cache.port}"] }
      - { exec: [sh, -c, "echo from another > /tmp/told"], in: other }
      - { run: [node, seed.mjs, "\${cache.url}"] }
  other: { image: debian:bookworm-slim, command: sleep 600 }
`,
    ),
    'environments/seed.mjs': `import { writeFileSync } from 'node:fs'; writeFileSync('ran.txt', process.argv[2] + '\\n' + process.env.CACHE_URL);\n`,
  });
  try {
    expectCode(await project.envctl('up p'), 0);
    const told = await exportsOf(project, 'p');
    expect(heard).toEqual([`PUT /items 127.0.0.1 {"cache":"${told.CACHE_PORT}"}`, expect.stringContaining('POST /teapot')]);
    expect(await keys(project, 'GET', 'inside')).toBe('"6379"');
    expect((await project.envctl('exec -T p other cat /tmp/told')).stdout).toBe('from another\n');
    expect(readFileSync(project.path('environments/ran.txt'), 'utf8')).toBe(`${told.CACHE_URL}\n${told.CACHE_URL}`);

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
  { what: 'an exec step that fails', step: '{ exec: [sh, -c, "echo no such table >&2; exit 3"] }', says: /exec sh -c .* ended with exit code 3[\s\S]*no such table/ },
  { what: 'a run step that fails', step: '{ run: [sh, -c, "echo no such file; exit 4"] }', says: /run sh -c .* ended with exit code 4[\s\S]*no such file/ },
  { what: 'a run step whose program does not exist', step: '{ run: no-such-program }', says: /run no-such-program ended with exit code 127[\s\S]*not found/ },
]) {
  scenario(`${what} is told at the profile’s line, with what it said`, async (stage) => {
    const project = stage.project(profile('p', `services:\n  web:\n    template: wiremock\n    seed:\n      - ${step}\n`));
    const up = await project.envctl('up p');
    expectCode(up, 9);
    expect(up.stderr).toMatch(/environments\/p\.yaml:5:\d+ /);
    expect(up.stderr).toMatch(says);
  });
}

import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EnvctlError } from '../../../src/model/errors.js';
import { postgres } from '../../../src/protocols/postgres/postgres.js';
import { ledgerOf, seedWith, taskOf } from '../../testing/reach.js';
import { type Server, startServer, untilReady } from '../../testing/real-server.js';

const parameters = { user: 'app', password: 's3cret:/@%', database: 'shop' };
const environment = { POSTGRES_USER: 'app', POSTGRES_PASSWORD: parameters.password, POSTGRES_DB: 'shop' };
const image = {
  image: 'postgres:17',
  port: 5432,
  environment,
  parameters,
  flags: ['--tmpfs', '/var/lib/postgresql/data'],
};

let server: Server;
beforeAll(async () => {
  server = await startServer(image);
  await untilReady(postgres, server.reach());
}, 120_000);
afterAll(() => server?.[Symbol.asyncDispose]());

async function sql<T extends object>(text: string): Promise<T[]> {
  const { user, password, database } = parameters;
  const client = new Client({ ...server.address, user, password, database });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

const seedSql = (content: string | Uint8Array, entry = {}) =>
  seedWith(postgres, server.reach(), taskOf({ kind: 'sql', file: 'a.sql' }, content, entry));
const seedCsv = (content: string | Uint8Array, table = 'products', delimiter = ',') =>
  seedWith(postgres, server.reach(), taskOf({ kind: 'csv', file: 'p.csv', table, delimiter }, content));
const failureOf = async (seeding: Promise<unknown>): Promise<EnvctlError> => {
  const error = await seeding.then(
    () => expect.fail('the seed succeeded'),
    (thrown: EnvctlError) => thrown,
  );
  expect(error.code).toBe('SEED_FAILED');
  expect(error.hint).not.toBe('');
  return error;
};
const ledger = () => ledgerOf(postgres, server.reach()).read();

beforeEach(async () => {
  await sql(
    'DROP SCHEMA IF EXISTS envctl CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public;' +
      'CREATE TABLE products (id int PRIMARY KEY, name text, price numeric)',
  );
});

describe('the postgres probe', () => {
  test('postgres is not ready while init scripts run, and the first query after it succeeds', async () => {
    const slow = ['--entrypoint', 'sh'];
    const command = ['-c', 'echo "sleep 2" > /docker-entrypoint-initdb.d/slow.sh; exec docker-entrypoint.sh postgres'];
    await using cold = await startServer({ ...image, flags: [...image.flags, ...slow], command });
    const answers = await untilReady(postgres, cold.reach());
    const client = new Client({ ...cold.address, user: 'app', password: parameters.password, database: 'shop' });
    await client.connect();
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    expect(await cold.log()).toContain('PostgreSQL init process complete');
    expect(answers.length).toBeGreaterThan(20);
    const whys = new Set(answers.slice(0, -1).map((answer) => (answer.kind === 'not-yet' ? answer.why : answer.kind)));
    expect([...whys].filter((why) => !/^connection (refused|closed by the server)$|starting up/.test(why))).toEqual([]);
  }, 120_000);

  test('postgres is ready if the first column of the query is true, and reports it otherwise', async () => {
    const ask = (query: string) => postgres.probe(server.reach(), { query });
    expect(await ask('SELECT 1')).toEqual({ kind: 'ready' });
    expect(await ask('SELECT true')).toEqual({ kind: 'ready' });
    expect(await ask('SELECT count(*) FROM products')).toEqual({ kind: 'not-yet', why: 'the query answers 0' });
    expect(await ask('SELECT false')).toEqual({ kind: 'not-yet', why: 'the query answers false' });
    expect(await ask('SELECT null')).toEqual({ kind: 'not-yet', why: 'the query answers null' });
    expect(await ask('SELECT id FROM products')).toEqual({ kind: 'not-yet', why: 'the query returns no row' });
    expect(await ask('SELECT 1 FROM orders')).toEqual({ kind: 'not-yet', why: 'relation "orders" does not exist' });
    expect(await ask('SELEC 1')).toEqual({
      kind: 'never',
      why: 'invalid query: syntax error at or near "SELEC"',
    });
  });

  test('postgres answers never for a wrong password, not-yet for a missing database', async () => {
    const wrong = { ...parameters, password: 'wrong' };
    expect(await postgres.probe(server.reach({ parameters: wrong }), {})).toEqual({
      kind: 'never',
      why: 'password authentication failed for user "app"',
    });
    const other = { ...parameters, database: 'nope' };
    expect(await postgres.probe(server.reach({ parameters: other }), {})).toEqual({
      kind: 'not-yet',
      why: 'database "nope" does not exist',
    });
  });

  test("postgres reads the login from the service's URL if the parameters have other names", async () => {
    const url = `postgresql://app:${encodeURIComponent(parameters.password)}@127.0.0.1:1/shop`;
    const view = { url, ...server.address, ports: {}, env: {} };
    expect(await postgres.probe(server.reach({ parameters: {}, view }), {})).toEqual({ kind: 'ready' });
  });

  test("the postgres probe ignores the user's PG variables", async () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      PGHOST: '192.0.2.1',
      PGPORT: '1',
      PGUSER: 'x',
      PGPASSWORD: 'x',
      PGDATABASE: 'x',
      PGSSLMODE: 'require',
      PGOPTIONS: '-c nonsense=1',
    });
    try {
      expect(await postgres.probe(server.reach(), {})).toEqual({ kind: 'ready' });
    } finally {
      process.env = before;
    }
  });
});

describe('sql seeds', () => {
  test('an sql seed runs a file with its ledger entry and returns the number of statements', async () => {
    const seeded = await seedSql(
      "INSERT INTO products VALUES (1, 'a;b', 1.5);\nINSERT INTO products VALUES (2, 'ü😀', 2)",
      {
        index: 3,
        hash: 'h3',
      },
    );
    expect(seeded).toBe(2);
    expect(await sql('SELECT name FROM products ORDER BY id')).toEqual([{ name: 'a;b' }, { name: 'ü😀' }]);
    expect(await ledger()).toEqual([{ index: 3, hash: 'h3', state: 'done' }]);
  });

  test('an sql seed rolls back and reports the position and message of a failed statement', async () => {
    const lines = Array.from(
      { length: 1000 },
      (_, index) => `INSERT INTO products VALUES (${index + 1}, 'p', ${index === 499 ? "'cheap'" : '1'});`,
    );
    const error = await failureOf(seedSql(lines.join('\n')));
    expect(error.message).toBe('PostgreSQL: invalid input syntax for type numeric: "cheap" (SQLSTATE 22P02)');
    expect(error.position).toEqual({
      file: 'a.sql',
      line: 500,
      column: "INSERT INTO products VALUES (500, 'p', ".length + 1,
    });
    expect(await sql('SELECT count(*)::int AS n FROM products')).toEqual([{ n: 0 }]);
    expect(await ledger()).toEqual([]);
  });

  test('an sql seed reports the failed statement if the server reports no position', async () => {
    const error = await failureOf(
      seedSql('-- two\n\nINSERT INTO products VALUES (1);\n\nINSERT INTO products\n  VALUES (1);\nSELECT 1;'),
    );
    expect(error.position).toEqual({ file: 'a.sql', line: 5, column: 1 });
    expect(error.message).toContain('duplicate key value violates unique constraint');
    expect(error.detail).toContain('Key (id)=(1) already exists.');
  });

  test('an sql seed counts characters as the server does, with byte order mark, CRLF and emoji', async () => {
    const error = await failureOf(seedSql("\ufeffSELECT '😀😀';\r\nSELECT '😀', nope FROM products;\r\n"));
    expect(error.position).toEqual({ file: 'a.sql', line: 2, column: "SELECT '😀', nope".indexOf('nope') + 1 });
    expect(error.message).toContain('column "nope" does not exist');
  });

  test("an sql seed shows the server's hint", async () => {
    const error = await failureOf(seedSql('SELECT prise FROM products'));
    expect(error.hint).toContain('Perhaps you meant to reference the column "products.price".');
  });

  test('an sql seed loads the output of pg_dump', async () => {
    await sql("INSERT INTO products VALUES (1, E'tab\\tand \\\\.', 1), (2, NULL, 2)");
    await sql('CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RETURN 1; END; $f$');
    const dump = await server.docker(
      'exec',
      '-e',
      `PGPASSWORD=${parameters.password}`,
      server.id,
      'pg_dump',
      '-h',
      '127.0.0.1',
      '-U',
      'app',
      'shop',
    );
    expect(dump).toContain('FROM stdin;');
    await sql('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await seedSql(dump);
    expect(await sql('SELECT id, name, f() AS f FROM public.products ORDER BY id')).toEqual([
      { id: 1, name: 'tab\tand \\.', f: 1 },
      { id: 2, name: null, f: 1 },
    ]);
  });

  test('an sql seed reports the line of a refused COPY row', async () => {
    const error = await failureOf(
      seedSql('\\restrict x\nCOPY products (id, price) FROM stdin;\n1\t1\n2\tcheap\n\\.\nSELECT 1;\n'),
    );
    expect(error.position).toMatchObject({ file: 'a.sql', line: 4 });
    expect(error.message).toContain('invalid input syntax for type numeric: "cheap"');
    expect(await sql('SELECT * FROM products')).toEqual([]);
  });

  test('an sql seed reports the COPY whose table is missing', async () => {
    const error = await failureOf(seedSql('SELECT 1;\nCOPY nope FROM stdin;\n1\n\\.\n'));
    expect(error).toMatchObject({
      position: { line: 2 },
      message: expect.stringContaining('relation "nope" does not exist'),
    });
  });

  test('an sql seed is one transaction even if the file has its own BEGIN and COMMIT', async () => {
    await failureOf(
      seedSql("BEGIN;\nINSERT INTO products VALUES (1);\nCOMMIT;\nBEGIN;\nINSERT INTO products VALUES ('x');\nCOMMIT;"),
    );
    expect(await sql('SELECT * FROM products')).toEqual([]);
    await seedSql(
      'BEGIN;\nINSERT INTO products VALUES (1);\nSAVEPOINT s;\nDELETE FROM products;\nROLLBACK TO s;\nCOMMIT;',
    );
    expect(await sql('SELECT id FROM products')).toEqual([{ id: 1 }]);
  });

  test('an sql seed suggests an exec step for a statement that cannot run in a transaction', async () => {
    const error = await failureOf(seedSql('SELECT 1;\nVACUUM products;'));
    expect(error.position).toMatchObject({ line: 2 });
    expect(error.message).toContain('VACUUM cannot run inside a transaction block');
    expect(error.hint).toContain('exec step');
  });

  test('an sql seed reports a deferred constraint that fails at the end', async () => {
    await sql('CREATE TABLE parts (product int REFERENCES products DEFERRABLE INITIALLY DEFERRED)');
    const error = await failureOf(seedSql('INSERT INTO parts VALUES (9);'));
    expect(error.message).toContain('violates foreign key constraint');
    expect(await ledger()).toEqual([]);
  });

  test('an sql seed writes its ledger entry even if the file changes role and search path', async () => {
    await sql(
      'DROP ROLE IF EXISTS narrow; CREATE ROLE narrow; GRANT ALL ON products TO narrow;' +
        'GRANT USAGE ON SCHEMA public TO narrow',
    );
    await seedSql(
      "SELECT pg_catalog.set_config('search_path', '', false);\nSET ROLE narrow;\n" +
        'INSERT INTO public.products VALUES (1);',
    );
    expect(await ledger()).toHaveLength(1);
  });

  test('an aborted sql seed is rolled back', async () => {
    const stop = new AbortController();
    const seeding = seedWith(
      postgres,
      server.reach({ signal: stop.signal }),
      taskOf({ kind: 'sql', file: 'a.sql' }, 'INSERT INTO products VALUES (1);\nSELECT pg_sleep(30);'),
    );
    setTimeout(() => stop.abort(new Error('stopped')), 200);
    await expect(seeding).rejects.toThrow('stopped');
    expect(await sql('SELECT * FROM products')).toEqual([]);
  });

  test('an sql seed reports a server that does not answer', async () => {
    const error = await failureOf(
      seedWith(
        postgres,
        server.reach({ address: { host: '127.0.0.1', port: 1 } }),
        taskOf({ kind: 'sql', file: 'a.sql' }, 'SELECT 1'),
      ),
    );
    expect(error.message).toBe('PostgreSQL: connection refused');
    expect(error.position).toEqual({ file: 'profile.yaml', line: 7, column: 9 });
  });
});

describe('csv seeds', () => {
  test('a csv seed copies rows with quotes, newlines, NULLs and any script', async () => {
    const rows = Array.from({ length: 997 }, (_, index) => `${index + 4},plain,${index}.5`);
    const content = ['\ufeffid,name,price', '1,"a ""quoted"", one",1', '2,,', '3,"","2"', ...rows].join('\r\n');
    expect(await seedCsv(content)).toBe(1000);
    expect(await sql('SELECT count(*)::int AS n FROM products')).toEqual([{ n: 1000 }]);
    expect(await sql('SELECT name, price::text FROM products WHERE id < 4 ORDER BY id')).toEqual([
      { name: 'a "quoted", one', price: '1' },
      { name: null, price: null },
      { name: '', price: '2' },
    ]);
    expect(await ledger()).toEqual([{ index: 0, hash: 'abc', state: 'done' }]);
  });

  test('a csv seed keeps newlines and emoji inside quotes', async () => {
    await seedCsv('id;name\n1;"two\nlines 😀"\n', 'products', ';');
    expect(await sql('SELECT name FROM products')).toEqual([{ name: 'two\nlines 😀' }]);
  });

  test('a csv seed reports the position of a refused row and is rolled back', async () => {
    const rows = Array.from({ length: 1000 }, (_, index) => `${index + 1},p,${index === 499 ? 'cheap' : 1}`);
    const error = await failureOf(seedCsv(['id,name,price', ...rows].join('\n')));
    expect(error.position).toEqual({ file: 'p.csv', line: 501, column: 1 });
    expect(error.message).toBe('PostgreSQL: invalid input syntax for type numeric: "cheap" (SQLSTATE 22P02)');
    expect(error.detail).toContain('column price');
    expect(await sql('SELECT * FROM products')).toEqual([]);
    expect(await ledger()).toEqual([]);
  });

  test('a csv seed reports the line of a missing field and of a duplicate', async () => {
    expect((await failureOf(seedCsv('id,name\n1,a\n2\n'))).position).toMatchObject({ line: 3 });
    expect((await failureOf(seedCsv('id,name\n1,a\n1,b\n'))).position).toMatchObject({ line: 3 });
  });

  test('a csv seed finds tables and columns by their SQL names, reserved words and capitals included', async () => {
    await sql('CREATE SCHEMA s; CREATE TABLE s."order" ("userId" int, amount int); CREATE TABLE "Exact" (id int)');
    expect(await seedCsv('userId,AMOUNT\n1,2\n', 's.order')).toBe(1);
    expect(await seedCsv('id\n1\n', 'Exact')).toBe(1);
    expect(await seedCsv('id\n1\n', 'Products')).toBe(1);
  });

  test('a csv seed refuses an unknown column, an unknown table and an empty file', async () => {
    const column = await failureOf(seedCsv('id,nmae\n1,a\n'));
    expect(column).toMatchObject({
      message: 'Table "products" has no column "nmae"',
      hint: 'Did you mean "name"?',
      position: { file: 'p.csv', line: 1 },
    });
    const table = await failureOf(seedCsv('id\n1\n', 'nope'));
    expect(table).toMatchObject({
      message: 'There is no table "nope" to copy p.csv into',
      position: { file: 'profile.yaml', line: 7 },
    });
    expect((await failureOf(seedCsv(''))).message).toBe('The CSV file is empty');
  });
});

describe('the ledger', () => {
  test('the ledger reports a server that does not answer', async () => {
    const { read } = ledgerOf(postgres, server.reach({ address: { host: '127.0.0.1', port: 1 } }));
    await expect(read()).rejects.toMatchObject({
      code: 'SEED_FAILED',
      message: 'Cannot read the seeds of service "it": connection refused',
    });
  });

  test('the ledger of a new database is empty and stores entries', async () => {
    expect(await ledger()).toEqual([]);
    const { write } = ledgerOf(postgres, server.reach());
    await write({ index: 1, hash: 'x', state: 'running' });
    await write({ index: 0, hash: 'y', state: 'done' });
    await write({ index: 1, hash: 'x', state: 'done' });
    expect(await ledger()).toEqual([
      { index: 0, hash: 'y', state: 'done' },
      { index: 1, hash: 'x', state: 'done' },
    ]);
  });
});

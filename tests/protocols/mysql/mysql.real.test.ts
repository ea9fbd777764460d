import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EnvctlError } from '../../../src/model/errors.js';
import { mysql } from '../../../src/protocols/mysql/mysql.js';
import { ledgerOf, seedWith, taskOf } from '../../testing/reach.js';
import { type Server, startServer, untilReady } from '../../testing/real-server.js';

const parameters = { user: 'app', password: "pa'ss:/@%", database: 'my-shop' };
const environment = {
  MARIADB_USER: 'app',
  MARIADB_PASSWORD: parameters.password,
  MARIADB_DATABASE: 'my-shop',
  MARIADB_ROOT_PASSWORD: 'root',
  MARIADB_INITDB_SKIP_TZINFO: '1',
};
const image = { image: 'mariadb:11.4', port: 3306, environment, parameters, flags: ['--tmpfs', '/var/lib/mysql'] };

let server: Server;
beforeAll(async () => {
  server = await startServer(image);
  await untilReady(mysql, server.reach());
}, 120_000);
afterAll(() => server?.[Symbol.asyncDispose]());

async function connect(address: Server['address']) {
  const { user, password, database } = parameters;
  return createConnection({ ...address, user, password, database, multipleStatements: true });
}
async function sql(text: string): Promise<object[]> {
  const connection = await connect(server.address);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(text);
    return rows.map?.((row) => ({ ...row })) ?? [];
  } finally {
    await connection.end();
  }
}

const seedSql = (content: string | Uint8Array, entry = {}) =>
  seedWith(mysql, server.reach(), taskOf({ kind: 'sql', file: 'a.sql' }, content, entry));
const seedCsv = (content: string, table = 'products', delimiter = ',') =>
  seedWith(mysql, server.reach(), taskOf({ kind: 'csv', file: 'p.csv', table, delimiter }, content));
const failureOf = async (seeding: Promise<unknown>): Promise<EnvctlError> => {
  const error = await seeding.then(
    () => expect.fail('the seed was taken'),
    (thrown: EnvctlError) => thrown,
  );
  expect(error.code).toBe('SEED_FAILED');
  return error;
};
const ledger = () => ledgerOf(mysql, server.reach()).read();

beforeEach(async () => {
  await sql(
    'DROP TABLE IF EXISTS envctl_seeds, parts, others, products;' +
      'CREATE TABLE products (id INT PRIMARY KEY, name VARCHAR(20), price DECIMAL(8,2))',
  );
});

describe('the mysql probe', () => {
  test('mysql is not ready while init scripts run, and the first query after it succeeds', async () => {
    const command = ['-c', 'echo "sleep 2" > /docker-entrypoint-initdb.d/slow.sh; exec docker-entrypoint.sh mariadbd'];
    await using cold = await startServer({ ...image, flags: [...image.flags, '--entrypoint', 'sh'], command });
    const answers = await untilReady(mysql, cold.reach());
    const connection = await connect(cold.address);
    expect((await connection.query('SELECT 1 AS one'))[0]).toEqual([{ one: 1 }]);
    await connection.end();
    expect(await cold.log()).toContain('MariaDB init process done');
    expect(answers.length).toBeGreaterThan(20);
    expect(answers.slice(0, -1).every((answer) => answer.kind === 'not-yet')).toBe(true);
  }, 120_000);

  test('mysql answers never for a wrong password and reports why nothing answers', async () => {
    const wrong = await mysql.probe(server.reach({ parameters: { ...parameters, password: 'wrong' } }), {});
    expect(wrong).toMatchObject({ kind: 'never', why: expect.stringContaining("Access denied for user 'app'") });
    expect(await mysql.probe(server.reach({ address: { host: '127.0.0.1', port: 1 } }), {})).toEqual({
      kind: 'not-yet',
      why: 'connection refused',
    });
  });

  test('mysql answers not-yet for a missing database', async () => {
    const root = { user: 'root', password: 'root', database: 'nope' };
    expect(await mysql.probe(server.reach({ parameters: root }), {})).toEqual({
      kind: 'not-yet',
      why: "Unknown database 'nope'",
    });
  });
});

describe('sql seeds', () => {
  test('an sql seed runs a file with its ledger entry', async () => {
    const content =
      "INSERT INTO products VALUES (1, 'a;b', 1.5); -- ; not here\n# nor ; here\n" +
      "INSERT INTO products VALUES (2, 'it\\'s; ü😀', 2)";
    expect(await seedSql(content, { index: 3, hash: 'h3' })).toBe(2);
    expect(await sql('SELECT name FROM products ORDER BY id')).toEqual([{ name: 'a;b' }, { name: "it's; ü😀" }]);
    expect(await ledger()).toEqual([{ index: 3, hash: 'h3', state: 'done' }]);
  });

  test('an sql seed rolls back and reports the position and message of a failed statement', async () => {
    const lines = Array.from(
      { length: 1000 },
      (_, index) => `INSERT INTO products VALUES (${index === 499 ? 1 : index + 1}, 'p', 1);`,
    );
    const error = await failureOf(seedSql(lines.join('\n')));
    expect(error.message).toBe("Database: Duplicate entry '1' for key 'PRIMARY' (ER_DUP_ENTRY)");
    expect(error.position).toEqual({ file: 'a.sql', line: 500, column: 1 });
    expect(error.hint).toContain('The file was rolled back');
    expect(await sql('SELECT count(*) AS n FROM products')).toEqual([{ n: 0 }]);
    expect(await ledger()).toEqual([]);
  });

  test('an sql seed stays marked as running if a CREATE committed before the error', async () => {
    const error = await failureOf(
      seedSql(
        'INSERT INTO products VALUES (1, NULL, NULL);\nCREATE TABLE others (id INT);\nINSERT INTO nowhere VALUES (1);',
      ),
    );
    expect(error.position).toMatchObject({ line: 3 });
    expect(error.message).toContain("doesn't exist (ER_NO_SUCH_TABLE)");
    expect(error.hint).toContain('start from an empty store');
    expect(await ledger()).toEqual([{ index: 0, hash: 'abc', state: 'running' }]);
  });

  test('an sql seed reports the line of a syntax error inside a longer statement', async () => {
    const error = await failureOf(
      seedSql('\ufeffSELECT 1;\r\nINSERT INTO products\r\n  VALUES (1, NULL, NULL),\r\n  (2, NULL NULL);\r\n'),
    );
    expect(error.position).toMatchObject({ line: 4 });
    expect(error.message).toContain('You have an error in your SQL syntax');
  });

  test('an sql seed loads the output of mysqldump, triggers and locks included', async () => {
    await sql("INSERT INTO products VALUES (1, 'a', 1), (2, NULL, 2)");
    await sql(
      'CREATE TRIGGER t BEFORE INSERT ON products FOR EACH ROW ' +
        'BEGIN SET NEW.price = 7; SET NEW.name = CONCAT(NEW.name, ";"); END',
    );
    const dump = await server.docker(
      'exec',
      '-e',
      `MYSQL_PWD=${parameters.password}`,
      server.id,
      'mysqldump',
      '-uapp',
      '--no-tablespaces',
      'my-shop',
      'products',
    );
    expect(dump).toMatch(/DELIMITER ;;[\s\S]*LOCK TABLES|LOCK TABLES[\s\S]*DELIMITER ;;/);
    await sql('DROP TABLE products');
    await seedSql(dump);
    await sql("INSERT INTO products VALUES (3, 'b', 1)");
    expect(await sql('SELECT id, name, price FROM products ORDER BY id')).toEqual([
      { id: 1, name: 'a', price: '1.00' },
      { id: 2, name: null, price: '2.00' },
      { id: 3, name: 'b;', price: '7.00' },
    ]);
    expect(await ledger()).toEqual([{ index: 0, hash: 'abc', state: 'done' }]);
  });

  test('an sql seed reports the failed statement after calls with several results', async () => {
    await sql('DROP PROCEDURE IF EXISTS two; CREATE PROCEDURE two() BEGIN SELECT 1; SELECT 2; END');
    const error = await failureOf(
      seedSql('SET @a = 1;\nCALL two();\nSELECT 1;\n\nINSERT INTO nowhere VALUES (1);\nSELECT 2;'),
    );
    expect(error.position).toMatchObject({ line: 5, column: 1 });
  });

  test('an sql seed ends on abort', async () => {
    const stop = new AbortController();
    const seeding = seedWith(
      mysql,
      server.reach({ signal: stop.signal }),
      taskOf({ kind: 'sql', file: 'a.sql' }, 'SELECT SLEEP(20);'),
    );
    setTimeout(() => stop.abort(new Error('stopped')), 200);
    await expect(seeding).rejects.toThrow('stopped');
  }, 5000);
});

describe('csv seeds', () => {
  test('a csv seed inserts rows with quotes, newlines, NULLs and any script', async () => {
    const rows = Array.from({ length: 2497 }, (_, index) => `${index + 4},plain,${index}.5`);
    const content = ['\ufeffid,Name,price', '1,"a ""q"", ü😀\\",1', '2,,', '3,"","2"', ...rows].join('\r\n');
    expect(await seedCsv(content)).toBe(2500);
    expect(await sql('SELECT name, price FROM products WHERE id < 4 ORDER BY id')).toEqual([
      { name: 'a "q", ü😀\\', price: '1.00' },
      { name: null, price: null },
      { name: '', price: '2.00' },
    ]);
    expect(await sql('SELECT count(*) AS n FROM products')).toEqual([{ n: 2500 }]);
    expect(await ledger()).toEqual([{ index: 0, hash: 'abc', state: 'done' }]);
  });

  test('a csv seed reports the position of a refused row and is rolled back', async () => {
    const rows = Array.from({ length: 2000 }, (_, index) => `${index + 1},p,${index === 1499 ? 'cheap' : 1}`);
    const error = await failureOf(seedCsv(['id,name,price', ...rows].join('\n')));
    expect(error.position).toEqual({ file: 'p.csv', line: 1501, column: 1 });
    expect(error.message).toContain("Incorrect decimal value: 'cheap'");
    expect(await sql('SELECT * FROM products')).toEqual([]);
    expect(await ledger()).toEqual([]);
  });

  test('a csv seed reports the line of a duplicate and of a missing field', async () => {
    expect(await failureOf(seedCsv('id,name\n1,a\n1,b\n'))).toMatchObject({
      position: { line: 3 },
      message: expect.stringContaining('Duplicate entry'),
    });
    expect(await failureOf(seedCsv('id,name\n1,a\n2\n'))).toMatchObject({ position: { line: 3 } });
  });

  test('a csv seed refuses an unknown column and an unknown table', async () => {
    expect(await failureOf(seedCsv('id,nmae\n1,a\n'))).toMatchObject({
      hint: 'Did you mean "name"?',
      position: { file: 'p.csv', line: 1 },
    });
    expect(await failureOf(seedCsv('id\n1\n', 'nope'))).toMatchObject({
      message: 'There is no table "nope" to copy p.csv into',
      position: { file: 'profile.yaml' },
    });
  });
});

test('the mysql ledger stores entries', async () => {
  expect(await ledger()).toEqual([]);
  const { write } = ledgerOf(mysql, server.reach());
  await write({ index: 1, hash: 'x', state: 'running' });
  await write({ index: 0, hash: 'y', state: 'done' });
  await write({ index: 1, hash: 'x', state: 'done' });
  expect(await ledger()).toEqual([
    { index: 0, hash: 'y', state: 'done' },
    { index: 1, hash: 'x', state: 'done' },
  ]);
});

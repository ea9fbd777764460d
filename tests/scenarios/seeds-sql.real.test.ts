/** SQL and CSV seeds run once, after the gate and before dependents; a failing one rolls back and names its line. */
import { expect } from 'vitest';
import { expectCode, type Project, profile, scenario } from './vocabulary.js';

const sql = async (project: Project, text: string): Promise<string> =>
  (
    await project.envctl([
      'exec',
      '-T',
      'p',
      'db',
      '--',
      'sh',
      '-c',
      'PGPASSWORD=$POSTGRES_PASSWORD psql -qAt -h 127.0.0.1 -U "$POSTGRES_USER" "$POSTGRES_DB" -c "$0"',
      text,
    ])
  ).stdout.trim();

const mysql = async (project: Project, text: string): Promise<string> =>
  (
    await project.envctl([
      'exec',
      '-T',
      'p',
      'db',
      '--',
      'sh',
      '-c',
      'MYSQL_PWD=$MARIADB_PASSWORD mariadb -N -h 127.0.0.1 -u "$MARIADB_USER" "$MARIADB_DATABASE" -e "$0"',
      text,
    ])
  ).stdout.trim();

const tables = 'CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price numeric(8,2));\n';

const rows = Array.from({ length: 20 }, (_, row) => `${row + 1},"Thing, ${row + 1}",${row}.50\n`);
const twenty = `id,name,price\n${rows.join('')}`;

scenario('sql and csv seeds fill PostgreSQL before dependents start, and only once', async (stage) => {
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
  expect(
    await sql(
      project,
      'select count(*), min(name) filter (where id = 3), max(name) filter (where id = 21) from products',
    ),
  ).toBe('22|Thing, 3|a;b');
  const again = await project.envctl('up p --progress plain');
  expectCode(again, 0);
  expect(again.stderr).toMatch(/skipped csv products\.csv \(already applied\)/);
  expect(await sql(project, 'select count(*) from products')).toBe('22');
  expectCode(await project.envctl('down p'), 0);
});

scenario('a failing SQL seed reports file, line and database error, and rolls back', async (stage) => {
  const project = stage.project({
    ...profile(
      'p',
      `services:
  db:
    template: postgres
    seed:
      - sql: ../seeds/tables.sql
      - sql: ../seeds/wrong.sql
`,
    ),
    'seeds/tables.sql': tables,
    'seeds/wrong.sql': `INSERT INTO products VALUES (1, 'one', 1);
INSERT INTO products VALUES (2, 'two', 1);

INSERT INTO prodcuts VALUES (3, 'three', 1);
`,
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

scenario('a failing CSV row reports its line, and the file rolls back', async (stage) => {
  const project = stage.project({
    ...profile(
      'p',
      `services:
  db:
    template: postgres
    seed:
      - sql: ../seeds/tables.sql
      - { csv: ../seeds/products.csv, table: products }
`,
    ),
    'seeds/tables.sql': tables,
    'seeds/products.csv': 'id,name,price\n1,one,1.00\n2,two,cheap\n3,three,3.00\n',
  });
  const up = await project.envctl('up p --ephemeral --keep');
  expectCode(up, 9);
  expect(up.stderr).toMatch(/seeds\/products\.csv:3\b.*cheap/s);
  expect(await sql(project, 'select count(*) from products')).toBe('0');
  expectCode(await project.envctl('down p'), 0);
});

scenario('a failing seed without --keep removes everything', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  db: { template: postgres, seed: [{ sql: ../seeds/wrong.sql }] }\n'),
    'seeds/wrong.sql': 'SELECT 1/0;\n',
  });
  const up = await project.envctl('up p');
  expectCode(up, 9);
  expect(up.stderr).toMatch(/seeds\/wrong\.sql:1:\d+ .*division by zero/);
  expect(await project.containers()).toEqual([]);
  expect(await project.volumes()).toEqual([]);
});

scenario('up refuses a SQL seed that changed after it ran', async (stage) => {
  const project = stage.project({
    ...profile('p', 'services:\n  db: { template: postgres, seed: [{ sql: ../seeds/tables.sql }] }\n'),
    'seeds/tables.sql': tables,
  });
  expectCode(await project.envctl('up p --ephemeral'), 0);
  project.write('seeds/tables.sql', `${tables}INSERT INTO products VALUES (1, 'one', 1);\n`);
  const up = await project.envctl('up p');
  expectCode(up, 9);
  expect(up.stderr).toMatch(/Seed "sql tables\.sql" of "\w+" changed after it was applied/);
  expect(up.stderr).toMatch(/→ .*envctl down.*envctl up/);
  expect(await sql(project, 'select count(*) from products')).toBe('0');
  expectCode(await project.envctl('down p'), 0);
});

scenario('a missing seed file is reported at its line of the profile', async (stage) => {
  const project = stage.project(
    profile('p', 'services:\n  db:\n    template: postgres\n    seed:\n      - sql: ../seeds/none.sql\n'),
  );
  const up = await project.envctl('up p --ephemeral');
  expectCode(up, 9);
  expect(up.stderr).toMatch(/environments\/p\.yaml:5:\d+ .*seeds\/none\.sql" does not exist/);
});

scenario('sql and csv seeds fill MariaDB, and a failing one reports its line', async (stage) => {
  const project = stage.project({
    ...profile(
      'p',
      `services:
  db:
    template: mariadb
    seed:
      - sql: ../seeds/tables.sql
      - { csv: ../seeds/products.csv, table: products }
`,
    ),
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

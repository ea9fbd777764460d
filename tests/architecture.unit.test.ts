/** The map of src/README.md and the size limits, checked against the files. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src/', import.meta.url));

interface Source {
  /** Relative to src, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sources: readonly Source[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(join(src, path), 'utf8');
    return { path, text, imports: importsIn(text) };
  });

/** Static and dynamic imports, re-exports and import types. */
function importsIn(text: string): readonly string[] {
  const statements = [
    ...text.matchAll(
      /^\s*(?:import|export)\b[^;'"]*?from\s*'([^']+)'|^\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm,
    ),
  ];
  return statements.map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

const room = (path: string): string => (path.includes('/') ? (path.split('/')[0] ?? '') : path);
const target = (source: Source, name: string): string =>
  relative(src, resolve(src, dirname(source.path), name)).replace(/\.js$/, '.ts');
const own = (source: Source): readonly string[] =>
  source.imports.filter((name) => name.startsWith('.')).map((name) => target(source, name));
const packages = (source: Source): readonly string[] =>
  source.imports
    .filter((name) => !name.startsWith('.'))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );

/** All offences against a rule, so one run shows them all. */
const offences = (rule: (source: Source) => readonly string[]): readonly string[] =>
  sources.flatMap((source) => rule(source).map((what) => `${source.path} → ${what}`));

test('finds the source files and their imports', () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(own(sources.find(({ path }) => path === 'plan/plan.ts') as Source)).toContain('model/workload.ts');
});

/** The rooms that each room may import, apart from itself. */
const floors: Readonly<Record<string, readonly string[]>> = {
  model: [],
  connections: ['model', 'profile'],
  profile: ['model'],
  plan: ['model', 'profile', 'connections'],
  run: ['model', 'profile', 'connections', 'plan'],
  protocols: ['model'],
  processes: [],
  engines: ['model', 'processes'],
  files: ['model', 'profile', 'connections', 'processes'],
  ui: ['model'],
  app: ['model', 'profile', 'connections', 'plan', 'run', 'protocols', 'engines', 'files'],
  cli: ['model', 'connections', 'plan', 'files', 'processes', 'app', 'ui'],
  'index.ts': ['model', 'app'],
};

describe('architecture', () => {
  test.each(Object.entries(floors))('%s imports only %j', (name, allowed) => {
    expect(
      offences((source) =>
        room(source.path) === name ? own(source).filter((path) => ![name, ...allowed].includes(room(path))) : [],
      ),
    ).toEqual([]);
  });
  test('every room of src/ is on the map', () => {
    expect([...new Set(sources.map(({ path }) => room(path)))].sort()).toEqual(Object.keys(floors).sort());
  });
  test.each(['model', 'profile', 'connections', 'plan', 'run'])(
    '%s imports no package and only pure parts of Node',
    (name) => {
      const pure = ['node:crypto', 'node:path', 'node:util', 'node:events', 'node:buffer'];
      expect(
        offences((source) =>
          room(source.path) === name ? packages(source).filter((other) => !pure.includes(other)) : [],
        ),
      ).toEqual([]);
    },
  );
  test('only the engine registry and the Compose file reader are imported from outside engines/', () => {
    const open = ['engines/registry.ts', 'engines/compose/reader/reader.ts'];
    expect(
      offences((source) =>
        room(source.path) === 'engines'
          ? []
          : own(source).filter((path) => room(path) === 'engines' && !open.includes(path)),
      ),
    ).toEqual([]);
  });
  test('engines import docker/ but not each other, and docker/ imports no engine', () => {
    const engine = (path: string): string => path.split('/')[1] ?? '';
    expect(
      offences((source) =>
        /^engines\/\w+\//.test(source.path)
          ? own(source).filter(
              (path) =>
                /^engines\/\w+\//.test(path) && engine(path) !== engine(source.path) && engine(path) !== 'docker',
            )
          : [],
      ),
    ).toEqual([]);
  });
});

test('each package is imported in one place only', () => {
  const homes: Readonly<Record<string, readonly string[]>> = {
    dockerode: ['engines/'],
    execa: ['processes/'],
    listr2: ['ui/'],
    chalk: ['ui/'],
    yaml: ['files/'],
    zod: ['files/'],
    commander: ['cli/'],
    '@bomb.sh/tab': ['cli/'],
    pg: ['protocols/postgres/'],
    'pg-copy-streams': ['protocols/postgres/'],
    mysql2: ['protocols/mysql/'],
    ioredis: ['protocols/redis/'],
    amqplib: ['protocols/amqp/'],
    'wait-on': ['protocols/wait-on/'],
    'csv-parse': ['protocols/'],
    mockttp: ['engines/embedded/mock/'],
  };
  const isAt = (source: Source, name: string): boolean =>
    homes[name]?.some((home) => source.path.startsWith(home)) ?? name.startsWith('node:');
  expect(offences((source) => packages(source).filter((name) => !isAt(source, name)))).toEqual([]);
});

test('programs are started through processes/run-process.ts, with these exceptions', () => {
  const exceptions = [
    // Starts services that outlive this process.
    'engines/embedded/processes/launch.ts',
    // Synchronous `ps` on macOS, where Linux reads /proc.
    'engines/embedded/processes/process-table.ts',
    // Connects a socket to `docker system dial-stdio` as plain bytes.
    'engines/docker/api/ssh-tunnel.ts',
  ];
  const starters = sources.filter(({ imports }) => imports.some((name) => /^(node:)?child_process$/.test(name)));
  expect(starters.map(({ path }) => path).sort()).toEqual(exceptions.sort());
});

test("no file branches on an engine's name", () => {
  const branch = /engine(?:\.name|Name)?\s*[!=]==?\s*'|'(?:compose|embedded|memory|swarm)'\s*[!=]==?\s*\w*engine/gi;
  expect(
    offences((source) =>
      room(source.path) === 'engines' ? [] : [...source.text.matchAll(branch)].map((match) => match[0]),
    ),
  ).toEqual([]);
});

test("only the library's entry re-exports", () => {
  expect(
    offences((source) =>
      source.path === 'index.ts'
        ? []
        : [...source.text.matchAll(/^export (?:type )?(?:\*|\{[^}]*\}) from .*/gm)].map((match) => match[0]),
    ),
  ).toEqual([]);
});

test('no import cycles', () => {
  expect(cycleIn(new Map(sources.map((source) => [source.path, own(source)])))).toBeNull();
});

function cycleIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] | null => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return null;
    for (const next of graph.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return null;
  };
  for (const path of graph.keys()) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return null;
}

test('files have at most 200 lines', () => {
  expect(
    offences(({ text }) => {
      const count = text.trimEnd().split('\n').length;
      return count > 200 ? [`${count} lines`] : [];
    }),
  ).toEqual([]);
});

test('folders hold at most 20 files', () => {
  const counts = new Map<string, number>();
  for (const { path } of sources) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > 20)).toEqual([]);
});

test('production code imports nothing from the tests', () => {
  expect(offences((source) => own(source).filter((path) => path.startsWith('..')))).toEqual([]);
});

test('no two types have the same name', () => {
  const files = new Map<string, string[]>();
  for (const { path, text } of sources)
    for (const [, name = ''] of text.matchAll(
      /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|enum) (\w+)/gm,
    ))
      files.set(name, [...(files.get(name) ?? []), path]);
  expect([...files].flatMap(([name, paths]) => (paths.length > 1 ? [`${name}: ${paths.join(', ')}`] : []))).toEqual([]);
});

test('time limits use deadline(), because AbortSignal.timeout may never fire on Node 20', () => {
  expect(
    offences(({ path, text }) =>
      path === 'model/deadline.ts' ? [] : [...text.matchAll(/AbortSignal\.timeout\(/g)].map(([found]) => found),
    ),
  ).toEqual([]);
});

test('no code uses the type any', () => {
  const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  expect(
    offences(({ text }) =>
      [...code(text).matchAll(/(?:[:<(,|&]\s*|\bas )any\b(?!['"])|\bany\[\]/g)].map(([found]) => found),
    ),
  ).toEqual([]);
});

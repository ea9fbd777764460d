/** One small profile, bound for any engine, so all engines run the same contract tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEngine } from '../../src/engines/registry.js';
import { imageSubstitution } from '../../src/files/image-substitution.js';
import { engineFolders, userFolders } from '../../src/files/xdg-directories.js';
import type { Engine, EngineContext } from '../../src/model/engine.js';
import type { Observed } from '../../src/model/observed.js';
import type { Prepared } from '../../src/model/workload.js';
import { bind, resolveProfile } from '../testing/environments.js';
import { type MemoryEngine, memoryEngine } from '../testing/memory-engine.js';
import { until } from '../testing/until.js';

/** Listens, logs `listening`, exits with 3 on `/crash`. */
const server = [
  "const crash = (url) => url === '/crash' && process.exit(3);",
  "const server = require('http').createServer((q, r) => { r.end('hello'); crash(q.url); });",
  "server.listen(process.env.PORT, process.env.BIND, () => console.log('listening'));",
].join(' ');

const profile = `
services:
  echo:
    image: node:20-slim
    command: [node, -e, ${JSON.stringify(server)}]
    environment: { PORT: "8000", BIND: "" }
    process: { command: [node, -e, ${JSON.stringify(server)}], port: PORT }
    port: 8000
  job:
    image: node:20-slim
    command: [node, -e, process.exit(7)]
    process: { command: [node, -e, process.exit(7)] }
    once: true
`;

/** An engine under test; `crash` ends the service like a fault of its program. */
export interface Contender {
  readonly name: string;
  readonly needsDocker: boolean;
  /** The services are real programs. */
  readonly runsPrograms: boolean;
  open(): Promise<Engine>;
  crash(engine: Engine, seen: Observed): Promise<void>;
}

const env = process.env;
const load = async (name: string): Promise<Engine> =>
  loadEngine(name, {
    env,
    folders: engineFolders(env),
    substitution: () => imageSubstitution(env, userFolders(env)),
  });

/** One bounded attempt, because a published port can accept before the server listens. */
export const answerOf = ({ outside }: Observed): Promise<string | null> =>
  fetch(`http://${outside.main?.host}:${outside.main?.port}/`, { signal: AbortSignal.timeout(1000) }).then(
    (answer) => answer.text(),
    () => null,
  );

/** The server exits on request, possibly before it answers. */
const askToCrash = async (_: Engine, seen: Observed): Promise<void> => {
  await until(
    () => answerOf(seen),
    (text) => text !== null,
  );
  await fetch(`http://${seen.outside.main?.host}:${seen.outside.main?.port}/crash`).catch(() => undefined);
};

export const contenders: readonly Contender[] = [
  {
    name: 'memory',
    needsDocker: false,
    runsPrograms: false,
    open: async () =>
      memoryEngine({
        services: { echo: { logs: ['listening'], exec: scripted }, job: { exit: { afterMs: 1, code: 7 } } },
      }),
    crash: async (engine, seen) => (engine as MemoryEngine).change(seen, { state: 'exited', exitCode: 3, outside: {} }),
  },
  { name: 'compose', needsDocker: true, runsPrograms: true, open: () => load('compose'), crash: askToCrash },
  { name: 'embedded', needsDocker: false, runsPrograms: true, open: () => load('embedded'), crash: askToCrash },
];

/** The results of the commands in these tests on a real engine. */
function scripted(argv: readonly string[]): { readonly exitCode: number; readonly stdout: string } {
  if (argv[0] !== 'node') return { exitCode: 127, stdout: '' };
  return { exitCode: argv[2] === 'process.exit(42)' ? 42 : 0, stdout: argv[2]?.includes('printed') ? 'printed' : '' };
}

export interface Bench {
  readonly prepared: Prepared;
  readonly context: EngineContext;
  readonly signal: AbortSignal;
  close(): Promise<void>;
}

/** A separate instance on the engine, prepared but not created. */
export async function setUp(engine: Engine, instance: string): Promise<Bench> {
  const project = mkdtempSync(join(tmpdir(), 'envctl-contract-'));
  const signal = AbortSignal.timeout(120_000);
  const context = { signal, emit: () => undefined };
  const resolved = resolveProfile([{ text: profile, path: join(project, 'profile.yaml') }], {
    instance: { id: instance, profile: 'contract', project },
    runs: engine.runs,
  });
  await engine.check(resolved, signal);
  const preparation = await engine.prepare(
    resolved,
    { observed: [], reserve: [], images: 'make', pull: false },
    context,
  );
  const prepared = bind(resolved, preparation, { runs: engine.runs });
  return {
    prepared,
    context,
    signal,
    close: async () => {
      await engine.remove(instance, { graceMs: 0, data: 'remove' }, AbortSignal.timeout(60_000));
      rmSync(project, { recursive: true, force: true });
    },
  };
}

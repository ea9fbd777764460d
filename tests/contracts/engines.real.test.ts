/** What every engine promises, asked of each alike: design of the contract in `src/core/contracts.ts`. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Engine } from '../../src/model/engine.js';
import type { Observed } from '../../src/model/observed.js';
import { type Bench, contenders, setUp } from './engine-bench.js';

const noDocker = inject('noDocker');

/** One bounded attempt: a port may accept for a server that does not listen yet. */
const answerOf = ({ outside }: Observed): Promise<string | null> =>
  fetch(`http://${outside.main?.host}:${outside.main?.port}/`, { signal: AbortSignal.timeout(1000) }).then(
    (answer) => answer.text(),
    () => null,
  );

describe.each(contenders)('the $name engine', ({ needsDocker, open, crash }) => {
  const benches: Bench[] = [];
  let engine: Engine;

  beforeAll(async () => {
    if (!(needsDocker && noDocker)) engine = await open();
  });
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.close();
  });

  const promise = test.skipIf(needsDocker && noDocker !== null);

  async function created(): Promise<Bench> {
    const bench = await setUp(engine, `contract-${randomBytes(3).toString('hex')}`);
    benches.push(bench);
    await engine.create(bench.prepared, ['echo', 'job'], bench.context);
    return bench;
  }
  async function started(): Promise<{ bench: Bench; seen: Observed }> {
    const bench = await created();
    const [seen] = await engine.start(bench.prepared, 'echo', bench.context);
    if (!seen) throw new Error('start returned nothing');
    return { bench, seen };
  }
  const observed = async (bench: Bench, service: string): Promise<Observed | undefined> =>
    (await engine.observe(bench.prepared.environment.id, bench.signal)).find((one) => one.service === service);

  /** Looks until it holds: a process needs a moment to end or to listen. */
  async function eventually<T>(look: () => Promise<T | null | undefined>): Promise<T> {
    for (let tries = 0; tries < 200; tries++) {
      const found = await look();
      if (found !== null && found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('it never came true');
  }

  promise('starts what it created, and says what runs', async () => {
    const { bench, seen } = await started();
    expect(seen).toMatchObject({ service: 'echo', replica: 1, state: 'running', exitCode: null });
    expect(await observed(bench, 'echo')).toMatchObject({
      id: seen.id,
      state: 'running',
      fingerprint: bench.prepared.workloads[0]?.fingerprint,
    });
  });

  promise('changes nothing when started twice', async () => {
    const { bench, seen } = await started();
    const [again] = await engine.start(bench.prepared, 'echo', bench.context);
    expect(again).toMatchObject({ id: seen.id, startedAt: seen.startedAt, state: 'running' });
  });

  promise('keeps its record, so that no file is needed to describe it', async () => {
    const { bench } = await started();
    expect((await observed(bench, 'echo'))?.record).toEqual(
      bench.prepared.workloads.find((one) => one.service === 'echo')?.record,
    );
  });

  promise('reads the port back, and something answers there', async () => {
    const { bench, seen } = await started();
    const address = (await observed(bench, 'echo'))?.outside.main;
    expect(address).toEqual(seen.outside.main);
    expect(address?.port).toBeGreaterThan(0);
    if (engine.name === 'memory') return;
    const text = await eventually(() => answerOf(seen));
    expect(text).toBe('hello');
  });

  promise('tells a crash with its exit code', async () => {
    const { bench, seen } = await started();
    if (engine.name !== 'memory') await eventually(() => answerOf(seen));
    await crash(engine, seen);
    const after = await eventually(async () => [await observed(bench, 'echo')].find((one) => one?.state === 'exited'));
    expect(after.exitCode).toBe(3);
  });

  promise('tells how a job ended', async () => {
    const bench = await created();
    await engine.start(bench.prepared, 'job', bench.context);
    const job = await eventually(async () => [await observed(bench, 'job')].find((one) => one?.state === 'exited'));
    expect(job.exitCode).toBe(7);
  });

  promise('passes on exit code and output of a command, and 127 for none', async () => {
    const { bench, seen } = await started();
    const run = (argv: readonly string[]) => engine.exec(seen, argv, { signal: bench.signal });
    expect((await run(['node', '-e', 'process.exit(42)'])).exitCode).toBe(42);
    expect(await run(['node', '-e', 'process.stdout.write("said")'])).toMatchObject({ exitCode: 0, stdout: 'said' });
    expect((await run(['no-such-program'])).exitCode).toBe(127);
  });

  promise('gives the lines a service wrote', async () => {
    const { bench, seen } = await started();
    const line = await eventually(async () => {
      for await (const one of engine.logs(seen, { signal: bench.signal })) if (one.text === 'listening') return one;
      return null;
    });
    expect(line).toMatchObject({ service: 'echo', replica: 1, stream: 'stdout' });
  });

  promise('stops and starts again under the same id', async () => {
    const { bench, seen } = await started();
    await engine.stop(bench.prepared.environment.id, ['echo'], bench.signal);
    expect((await observed(bench, 'echo'))?.state).toBe('exited');
    const [again] = await engine.start(bench.prepared, 'echo', bench.context);
    expect(again?.state).toBe('running');
    expect(again?.startedAt).toBeGreaterThanOrEqual(seen.startedAt ?? 0);
  });

  promise('removes one service and leaves the others', async () => {
    const { bench } = await started();
    await engine.removeServices(bench.prepared.environment.id, [{ service: 'echo', keepReplicas: 0 }], bench.signal);
    expect(await observed(bench, 'echo')).toBeUndefined();
    expect(await observed(bench, 'job')).toBeDefined();
  });

  promise('removes twice, and says both times that nothing is left', async () => {
    const { bench } = await started();
    const remove = () => engine.remove(bench.prepared.environment.id, { graceMs: 0, data: 'remove' }, bench.signal);
    expect((await remove()).left).toEqual([]);
    expect(await remove()).toEqual({ data: [], left: [] });
    expect(await engine.observe(bench.prepared.environment.id, bench.signal)).toEqual([]);
  });

  promise('removes what was created and never started', async () => {
    const bench = await created();
    expect(
      (await engine.remove(bench.prepared.environment.id, { graceMs: 0, data: 'remove' }, bench.signal)).left,
    ).toEqual([]);
    expect(await engine.observe(bench.prepared.environment.id, bench.signal)).toEqual([]);
  });

  promise('runs two instances that share nothing', async () => {
    const [one, two] = [await started(), await started()];
    expect(one.seen.id).not.toBe(two.seen.id);
    expect(one.seen.outside.main?.port).not.toBe(two.seen.outside.main?.port);
    await engine.remove(one.bench.prepared.environment.id, { graceMs: 0, data: 'remove' }, one.bench.signal);
    expect((await observed(two.bench, 'echo'))?.state).toBe('running');
  });
});

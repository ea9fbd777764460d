/** The contract of `src/model/engine.ts`, tested on every engine. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Engine, LogLine } from '../../src/model/engine.js';
import type { Observed } from '../../src/model/observed.js';
import { until } from '../testing/until.js';
import { answerOf, type Bench, contenders, setUp } from './engine-bench.js';

const noDocker = inject('noDocker');

const hasExited = (seen: Observed | undefined): boolean => seen?.state === 'exited';

describe.each(contenders)('the $name engine', ({ needsDocker, runsPrograms, open, crash }) => {
  const benches: Bench[] = [];
  let engine: Engine;

  beforeAll(async () => {
    if (!(needsDocker && noDocker)) engine = await open();
  });
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.close();
  });

  const contract = test.skipIf(needsDocker && noDocker !== null);

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

  contract('starts created services and observes them as running', async () => {
    const { bench, seen } = await started();
    expect(seen).toMatchObject({ service: 'echo', replica: 1, state: 'running', exitCode: null });
    expect(await observed(bench, 'echo')).toMatchObject({
      id: seen.id,
      state: 'running',
      fingerprint: bench.prepared.workloads[0]?.fingerprint,
    });
  });

  contract('changes nothing when a service is started twice', async () => {
    const { bench, seen } = await started();
    const [again] = await engine.start(bench.prepared, 'echo', bench.context);
    expect(again).toMatchObject({ id: seen.id, startedAt: seen.startedAt, state: 'running' });
  });

  contract('observes the record of a service, so later commands need no profile', async () => {
    const { bench } = await started();
    expect((await observed(bench, 'echo'))?.record).toEqual(
      bench.prepared.workloads.find((one) => one.service === 'echo')?.record,
    );
  });

  contract('observes the outside port that start returned', async () => {
    const { bench, seen } = await started();
    const address = (await observed(bench, 'echo'))?.outside.main;
    expect(address).toEqual(seen.outside.main);
    expect(address?.port).toBeGreaterThan(0);
  });

  if (runsPrograms)
    contract('reaches the service at its outside port', async () => {
      const { seen } = await started();
      expect(
        await until(
          () => answerOf(seen),
          (text) => text !== null,
        ),
      ).toBe('hello');
    });

  contract('reports a crash with its exit code', async () => {
    const { bench, seen } = await started();
    await crash(engine, seen);
    const after = await until(() => observed(bench, 'echo'), hasExited);
    expect(after?.exitCode).toBe(3);
  });

  contract('reports the exit code of a job', async () => {
    const bench = await created();
    await engine.start(bench.prepared, 'job', bench.context);
    const job = await until(() => observed(bench, 'job'), hasExited);
    expect(job?.exitCode).toBe(7);
  });

  contract('returns exit code and output of a command, and 127 for an unknown one', async () => {
    const { bench, seen } = await started();
    const run = (argv: readonly string[]) => engine.exec(seen, argv, { signal: bench.signal });
    expect((await run(['node', '-e', 'process.exit(42)'])).exitCode).toBe(42);
    expect(await run(['node', '-e', 'process.stdout.write("printed")'])).toMatchObject({
      exitCode: 0,
      stdout: 'printed',
    });
    expect((await run(['no-such-program'])).exitCode).toBe(127);
  });

  contract('returns the log lines of a service', async () => {
    const { bench, seen } = await started();
    const log = async (): Promise<readonly LogLine[]> => {
      const all: LogLine[] = [];
      for await (const line of engine.logs(seen, { signal: bench.signal })) all.push(line);
      return all;
    };
    const lines = await until(log, (all) => all.some(({ text }) => text === 'listening'));
    expect(lines).toContainEqual({ service: 'echo', replica: 1, stream: 'stdout', text: 'listening' });
  });

  contract('starts a stopped service again with the same id', async () => {
    const { bench, seen } = await started();
    await engine.stop(bench.prepared.environment.id, ['echo'], bench.signal);
    expect((await observed(bench, 'echo'))?.state).toBe('exited');
    const [again] = await engine.start(bench.prepared, 'echo', bench.context);
    expect(again?.state).toBe('running');
    expect(again?.startedAt).toBeGreaterThanOrEqual(seen.startedAt ?? 0);
  });

  contract('removes one service and leaves the others', async () => {
    const { bench } = await started();
    await engine.removeServices(bench.prepared.environment.id, [{ service: 'echo', keepReplicas: 0 }], bench.signal);
    expect(await observed(bench, 'echo')).toBeUndefined();
    expect(await observed(bench, 'job')).toBeDefined();
  });

  contract('removes an instance twice and leaves nothing', async () => {
    const { bench } = await started();
    const remove = () => engine.remove(bench.prepared.environment.id, { graceMs: 0, data: 'remove' }, bench.signal);
    expect((await remove()).left).toEqual([]);
    expect(await remove()).toEqual({ data: [], left: [] });
    expect(await engine.observe(bench.prepared.environment.id, bench.signal)).toEqual([]);
  });

  contract('removes created services that were never started', async () => {
    const bench = await created();
    expect(
      (await engine.remove(bench.prepared.environment.id, { graceMs: 0, data: 'remove' }, bench.signal)).left,
    ).toEqual([]);
    expect(await engine.observe(bench.prepared.environment.id, bench.signal)).toEqual([]);
  });

  contract('runs two independent instances', async () => {
    const [one, two] = [await started(), await started()];
    expect(one.seen.id).not.toBe(two.seen.id);
    expect(one.seen.outside.main?.port).not.toBe(two.seen.outside.main?.port);
    await engine.remove(one.bench.prepared.environment.id, { graceMs: 0, data: 'remove' }, one.bench.signal);
    expect((await observed(two.bench, 'echo'))?.state).toBe('running');
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine, StateChange } from '../../../src/model/engine.js';
import { engineOf } from '../../testing/compose-prepared.js';

/** A server that imitates an engine, to produce each failure reliably. */
let folder = '';
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'envctl-flaky-'));
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true });
});

async function imitation(answer: RequestListener): Promise<Engine> {
  const opened = createServer(answer);
  server = opened;
  await new Promise<void>((resolve) => opened.listen(join(folder, 's'), resolve));
  return engineOf({ env: { HOME: folder, DOCKER_HOST: `unix://${folder}/s` } });
}

describe('a read from an unreliable engine', () => {
  test('is repeated after a server error', async () => {
    let count = 0;
    const engine = await imitation(
      (_, response) => void (++count < 3 ? response.writeHead(500).end('{"message":"oops"}') : response.end('[]')),
    );
    expect(await engine.observe('x', AbortSignal.timeout(5000))).toEqual([]);
    expect(count).toBe(3);
  });

  test('is repeated after a reset connection', async () => {
    let count = 0;
    const engine = await imitation(
      (request, response) => void (++count < 2 ? request.socket.destroy() : response.end('[]')),
    );
    expect(await engine.observe('x', AbortSignal.timeout(5000))).toEqual([]);
  });

  test("fails after three attempts, with the engine's message", async () => {
    let count = 0;
    const engine = await imitation(
      (_, response) => void (++count && response.writeHead(500).end('{"message":"it is \\"broken\\""}')),
    );
    await expect(engine.observe('x', AbortSignal.timeout(5000))).rejects.toThrow('it is "broken"');
    expect(count).toBe(3);
  });

  test('ignores foreign objects that an ignored filter lets through', async () => {
    const foreign = { Id: 'f', Names: ['/foreign'], State: 'running', Labels: {} };
    const engine = await imitation(
      (request, response) =>
        void response.end(
          request.url?.startsWith('/containers/json')
            ? JSON.stringify([foreign])
            : request.url?.startsWith('/volumes')
              ? JSON.stringify({ Volumes: [{ Name: 'v', Labels: null }] })
              : JSON.stringify([{ Id: 'n', Name: 'bridge', Labels: {} }]),
        ),
    );
    expect(await engine.observe('x', AbortSignal.timeout(5000))).toEqual([]);
    expect(await engine.remove('x', { graceMs: 0, data: 'remove' }, AbortSignal.timeout(5000))).toEqual({
      data: [],
      left: [],
    });
  });
});

describe('watching an unreliable engine', () => {
  const event = (service: string): string =>
    `${JSON.stringify({ Action: 'die', Actor: { Attributes: { 'envctl.service': service } } })}\n`;

  async function watch(engine: Engine, count: number): Promise<readonly StateChange[]> {
    const stop = new AbortController();
    const wakes: StateChange[] = [];
    for await (const wake of engine.watch('x', AbortSignal.any([stop.signal, AbortSignal.timeout(8000)]))) {
      wakes.push(wake);
      if (wakes.length === count) stop.abort();
    }
    return wakes;
  }

  test('reconnects, and reports a possible change of all services each time', async () => {
    let count = 0;
    const engine = await imitation((_, response) => {
      count++;
      if (count === 1) response.writeHead(500).end('{"message":"no"}');
      else if (count === 2) response.end(event('a'));
      else response.write(event('b'));
    });
    expect(await watch(engine, 4)).toEqual([{ service: null }, { service: 'a' }, { service: null }, { service: 'b' }]);
  });

  test('reads events that arrive in parts or several at once', async () => {
    const text = event('a') + event('b') + event('c');
    const engine = await imitation((_, response) => {
      response.write(text.slice(0, 30));
      setTimeout(() => response.write(text.slice(30)), 50);
    });
    expect(await watch(engine, 3)).toEqual([{ service: 'a' }, { service: 'b' }, { service: 'c' }]);
  });
});

describe('reading the log since a start', () => {
  const labels = { 'envctl.instance': 'x', 'envctl.service': 'a', 'com.docker.compose.container-number': '1' };
  const started = '2026-01-01T00:00:10.500Z';

  async function asked(
    state: { readonly FinishedAt: string; readonly StartedAt: string },
    since: number,
  ): Promise<string | null> {
    const urls: URL[] = [];
    const engine = await imitation((request, response) => {
      const url = new URL(request.url ?? '', 'http://engine');
      urls.push(url);
      if (url.pathname === '/containers/json')
        response.end(JSON.stringify([{ Id: 'c', Names: ['/c'], State: 'running', Labels: labels }]));
      else
        response.end(
          url.pathname.endsWith('/logs')
            ? ''
            : JSON.stringify({ Id: 'c', Config: { Labels: labels, Tty: false }, State: state }),
        );
    });
    for await (const _ of engine.logs(
      { instance: 'x', service: 'a', replica: 1 },
      { signal: AbortSignal.timeout(5000), since },
    ));
    return urls.at(-1)?.searchParams.get('since') ?? null;
  }

  test('includes lines that a first run wrote before the engine noted its start', async () => {
    expect(await asked({ StartedAt: started, FinishedAt: '0001-01-01T00:00:00Z' }, Date.parse(started))).toBe('0.000');
  });

  test('begins at the end of the previous run', async () => {
    const finished = '2026-01-01T00:00:09Z';
    expect(await asked({ StartedAt: started, FinishedAt: finished }, Date.parse(started))).toBe(
      (Date.parse(finished) / 1000).toFixed(3),
    );
  });

  test('passes any other time on unchanged', async () => {
    expect(await asked({ StartedAt: started, FinishedAt: '0001-01-01T00:00:00Z' }, 1_700_000_000_123)).toBe(
      '1700000000.123',
    );
  });
});

import { describe, expect, test } from 'vitest';
import { noted, ready, readyAfter, stage } from '../stage.js';

describe('a gate', () => {
  test('with several probes opens when all succeed', async () => {
    const on = stage({
      answers: { a: readyAfter(2) },
      services: { a: { logs: ['up'], exec: () => ({ exitCode: 0 }) } },
    });
    await on.up('services: { a: { image: x, port: 80, ready: [{ log: up }, { exec: check }, { http: / }] } }');
    expect(on.events.filter((event) => event.type === 'waiting').map((event) => event.probe)).toEqual(['http', 'http']);
    expect(on.engine.calls.filter((call) => call === 'exec a check').length).toBeGreaterThanOrEqual(3);
  });
  test('runs a healthcheck in the service with literal dollar signs', async () => {
    const on = stage();
    await on.up('services: { a: { image: x, healthcheck: { test: "test -n $$HOME" } } }');
    expect(on.engine.calls).toContain('exec a /bin/sh -c test -n $HOME');
  });
  test('with two replicas opens when both are ready', async () => {
    const asked = new Set<number>();
    const on = stage({
      services: {
        a: { exec: (_, { replica }) => ({ exitCode: asked.size < 2 && asked.add(replica).size < 2 ? 1 : 0 }) },
      },
    });
    expect((await on.up('services: { a: { image: x, scale: 2, ready: { exec: check } } }')).kind).toBe('running');
    expect([...asked].sort()).toEqual([1, 2]);
  });
  test('with a stable time starts it again after a failed attempt', async () => {
    const answers = [ready, ready, { kind: 'not-yet', why: 'again' } as const];
    const on = stage({ answers: { a: () => answers.shift() ?? ready } });
    await on.up('services: { a: { image: x, port: 80, ready: { http: /, stable: 150ms, interval: 20ms } } }');
    expect(on.events.filter((event) => event.type === 'waiting').map((event) => event.why)).toEqual([
      'must stay ready for 150ms',
      'again',
      'must stay ready for 150ms',
    ]);
  });
  test('runs a command on this host with outside addresses', async () => {
    const seen: unknown[] = [];
    const on = stage({ host: { run: async (argv) => noted(seen, argv) } });
    await on.up('services: { a: { image: x, port: 80, ready: { command: "curl ${a.url} $$x" } } }');
    expect(seen[0]).toEqual(['curl', expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), '$x']);
  });
});

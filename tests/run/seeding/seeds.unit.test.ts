import { describe, expect, test } from 'vitest';
import { errorOf, noted, stage } from '../stage.js';

describe('seeds', () => {
  test('on this host get the exports, and in a service inside addresses', async () => {
    const seen: unknown[] = [];
    const on = stage({
      host: { run: async (argv, { env }) => noted(seen, [argv, env?.A_URL]) },
    });
    await on.up('services: { a: { image: x, port: 80, seed: [{ run: "load ${a.url}" }, { exec: "load ${a.url}" }] } }');
    const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(seen).toEqual([[['load', url], url]]);
    expect(on.engine.calls).toContain('exec a load http://a:80');
  });
  test('that fail report the output of their command', async () => {
    const on = stage({ services: { a: { exec: () => ({ exitCode: 2, stderr: 'no such table' }) } } });
    const error = errorOf(await on.up('services:\n  a:\n    image: x\n    seed:\n      - exec: load all\n'));
    expect(error).toMatchObject({
      code: 'SEED_FAILED',
      exitCode: 9,
      position: { line: 5, column: 9 },
      detail: 'no such table',
    });
  });
  test('that changed after they were applied are refused', async () => {
    const on = stage();
    await on.up('services: { db: { template: postgres, seed: [{ sql: a.sql }] } }');
    expect(errorOf(await on.up('services: { db: { template: postgres, seed: [{ sql: b.sql }] } }'))).toMatchObject({
      code: 'SEED_CHANGED',
      hint: expect.stringContaining('envctl down'),
    });
  });
});

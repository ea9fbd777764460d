import { expect, test } from 'vitest';
import type { Gate, Probe } from '../../../src/model/service.js';
import { retryDelay } from '../../../src/run/readiness/retry-delay.js';

const gate = (probes: readonly Probe[], intervalMs: number | null = null): Gate => ({
  probes,
  timeoutMs: 1000,
  intervalMs,
  stableMs: 0,
});
const tcp: Probe = { kind: 'protocol', protocol: 'tcp', port: 'main', options: {} };
const exec: Probe = { kind: 'exec', argv: ['check'] };

test('the retry delay of wire protocols grows from 25 to 100 ms', () => {
  const delay = retryDelay(gate([tcp]));
  const delays = Array.from({ length: 30 }, () => delay(500, 'tcp'));
  expect(delays[0]).toBeCloseTo(27.5);
  expect(Math.max(...delays)).toBe(100);
});

test('the retry delay of commands is twice their run time, within 100 ms to 1 s', () => {
  const delay = retryDelay(gate([exec]));
  expect([10, 200, 5000].map((ms) => delay(ms, 'exec'))).toEqual([100, 400, 1000]);
});

test('a written interval is the retry delay', () => {
  expect(retryDelay(gate([exec], 3000))(10, 'exec')).toBe(3000);
});

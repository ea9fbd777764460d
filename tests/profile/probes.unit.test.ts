import { describe, expect, test } from 'vitest';
import { refusal, resolveText, serviceOf } from '../testing/resolving.js';

const gate = (ready: string, rest = 'port: 80') =>
  serviceOf(resolveText(`services: { a: { image: x, ${rest}, ready: ${ready} } }`), 'a').gate;

describe('a probe', () => {
  test.each([
    ['{ tcp: 80 }', { kind: 'protocol', protocol: 'tcp', port: 'main', options: {} }],
    ['tcp', { kind: 'protocol', protocol: 'tcp', port: 'main', options: {} }],
    ['{ http: { path: /, port: 80 } }', { kind: 'protocol', protocol: 'http', port: 'main', options: { path: '/' } }],
    ['{ amqp: }', { kind: 'protocol', protocol: 'amqp', port: 'main', options: {} }],
    ['{ log: ready }', { kind: 'log', pattern: 'ready', times: 1 }],
    ['{ exec: [a, 1, true] }', { kind: 'exec', argv: ['a', '1', 'true'] }],
    ['running', { kind: 'running' }],
    [
      '"http-get://localhost:1/x"',
      { kind: 'protocol', protocol: 'wait-on', port: 'main', options: { resource: 'http-get://localhost:1/x' } },
    ],
  ])('%s', (ready, expected) => {
    expect(gate(ready)?.probes).toEqual([expected]);
  });
  test.each([
    ['{ http: /, tcp: 80 }', /One probe cannot have both "http" and "tcp" → Make it a list/],
    ['{ log: [a] }', /Invalid value for "log": a list → Expected a regular expression/],
    ['{ log: a, times: 0 }', /Invalid value for "times": "0" → Expected a whole number from 1/],
    ['{ log: a, times: often }', /Invalid value for "times": "often"/],
    ['{ exec: {} }', /Invalid value for "exec": a map → Expected a command line/],
    ['{ exec: a, times: 2 }', /no option "times"/],
    ['{ redis: yes }', /takes no value → Write `ready: redis`/],
    ['toString', /Unknown probe "toString"/],
    ['{ http: /, port: admin }', /has no port "admin" → Ports here: main/],
    ['[[http]]', /Invalid value for entry 1 of "ready": a list/],
  ])('cannot be %s', (ready, message) => {
    expect(refusal(() => gate(ready))).toMatch(message);
  });
  test('reads times from parameters and refuses invalid ones', () => {
    const text = (value: string) =>
      `parameters: { t: "${value}" }\nservices: { a: { image: x, port: 1, ready: { tcp: 1, ` +
      `timeout: "\${parameters.t}" } } }`;
    expect(serviceOf(resolveText(text('90s')), 'a').gate?.timeoutMs).toBe(90_000);
    expect(refusal(() => resolveText(text('soon')))).toMatch(
      /^2:54 Invalid value for "timeout": "soon" → Expected a duration/,
    );
    expect(
      refusal(() => resolveText('parameters: { t: x }\nservices: { a: { image: x, timeout: "${parameters.t}" } }')),
    ).toMatch(/Invalid value for "timeout": "x"/);
  });
});

describe('a healthcheck of the file', () => {
  test('is asked in addition to declared probes', () => {
    expect(gate('{ http: / }', 'port: 80, healthcheck: { test: [CMD, a] }').probes?.map(({ kind }) => kind)).toEqual([
      'protocol',
      'healthcheck',
    ]);
  });
  test.each(['{ disable: true }', '{ test: [NONE] }', '{ test: ["NONE"] }'])(
    '%s disables the healthcheck, including that of the image',
    (healthcheck) => {
      const service = serviceOf(resolveText(`services: { a: { image: x, healthcheck: ${healthcheck} } }`), 'a');
      expect([service.gate.probes, service.healthcheck]).toEqual([null, 'none']);
    },
  );
  test('uses the budget of a longer healthcheck, unless the profile sets a timeout', () => {
    const budget = (rest: string) =>
      serviceOf(
        resolveText(`services: { a: { image: x, healthcheck: { test: [CMD, a], interval: 1m, retries: 5 }${rest} } }`),
        'a',
      ).gate?.timeoutMs;
    expect(budget('')).toBe(330_000);
    expect(budget(', timeout: 10s')).toBe(10_000);
  });
});

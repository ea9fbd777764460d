import { describe, expect, test } from 'vitest';
import { refusal, resolveText, serviceOf } from '../testing/resolving.js';

const needs = (text: string, name: string) =>
  serviceOf(resolveText(text), name).needs.map(({ service, step, cause }) => `${service}.${step} (${cause})`);

describe('a dependency', () => {
  test.each([
    ['environment: { U: "${b.url}" }', 'b.seeded (${b.url})'],
    ['command: "run --db ${b.host}"', 'b.seeded (${b.host})'],
    ['ready: { exec: "curl ${b.url}" }', 'b.seeded (${b.url})'],
    ['depends_on: [b]', 'b.seeded (depends_on)'],
    ['ipc: "service:b"', 'b.start (ipc)'],
    ['pid: "service:b"', 'b.start (pid)'],
    ['volumes_from: ["b:ro"]', 'b.start (volumes_from)'],
    ['links: ["b:db"]', 'b.start (links)'],
  ])('results from %s', (words, expected) => {
    expect(needs(`services: { b: { image: x, port: 1 }, a: { image: x, ${words} } }`, 'a')).toEqual([expected]);
  });
  test.each([
    'environment: { U: "${b.inside.url}" }',
    'environment: { U: "${b.outside.url}" }',
    'volumes_from: ["container:b"]',
    'environment: { U: "$${b.url}" }',
    'network_mode: bridge',
  ])('does not result from %s', (words) => {
    expect(needs(`services: { b: { image: x, port: 1 }, a: { image: x, ${words} } }`, 'a')).toEqual([]);
  });
  test('lists each step of a dependency once', () => {
    const text =
      'services: { b: { image: x, port: 1 }, a: { image: x, depends_on: { b: { condition: service_started } }, ' +
      'environment: { U: "${b.url}", V: "${b.host}" } } }';
    expect(needs(text, 'a')).toEqual(['b.start (depends_on)', 'b.seeded (${b.url})']);
  });
  test('refuses a service that depends on itself, except for its address', () => {
    expect(refusal(() => resolveText('services:\n  a: { image: x, depends_on: [a] }\n'))).toMatch(
      /^2:31 Service "a" depends on itself.*CYCLE 2/,
    );
    expect(needs('services: { a: { image: x, port: 1, environment: { ME: "${a.url}" } } }', 'a')).toEqual([]);
  });
  test('waits for the seeds of a job', () => {
    expect(
      needs('services: { j: { image: x, once: true, seed: [{ run: ls }] }, a: { image: x, depends_on: [j] } }', 'a'),
    ).toEqual(['j.seeded (depends_on)']);
  });
});

describe('dependencies of seeds', () => {
  test('waits for the gate, also through seeds of other services', () => {
    const text = `services:
  db: { template: postgres, seed: { after: [migrate], steps: [{ sql: a.sql }] } }
  migrate: { image: x, once: true, environment: { U: "\${cache.url}", D: "\${db.url}" } }
  cache: { template: redis, seed: { after: [warm], steps: [{ redis: a.json }] } }
  warm: { image: x, once: true, environment: { D: "\${db.url}", C: "\${cache.url}" } }`;
    expect(needs(text, 'warm')).toEqual(['db.gate (${db.url})', 'cache.gate (${cache.url})']);
    expect(resolveText(text).services.map(({ name }) => name)).toEqual(['db', 'cache', 'migrate', 'warm']);
  });
  test('follow the address of an http step, except for inside and outside addresses', () => {
    const waits = (url: string) =>
      serviceOf(
        resolveText(`services: { app: { image: x, port: 1, seed: [{ http: "${url}" }] }, api: { image: x, port: 2 } }`),
        'app',
      ).seed.after;
    expect(waits('${api.url}/load')).toEqual(['api']);
    expect(waits('${api.outside.url}/load')).toEqual([]);
    expect(waits('/load')).toEqual([]);
  });
  test('prints a cycle of seeds with its nodes', () => {
    const text = `services:
  a: { template: postgres, seed: { after: [b], steps: [{ sql: a.sql }] }, depends_on: [b] }
  b: { image: x, depends_on: { a: { condition: service_healthy } } }`;
    expect(refusal(() => resolveText(text))).toMatch(/a\.start → b\.seeded → b\.gate → b\.start → a\.(gate|seeded)/);
  });
});

test('finds a long cycle in a large profile and lists only its services', () => {
  const names = Array.from({ length: 150 }, (_, index) => `s${index}`);
  const services = names.map(
    (name, index) => `  ${name}: { image: x, depends_on: [${index + 1 < names.length ? `s${index + 1}` : 's140'}] }`,
  );
  const text = refusal(() => resolveText(`services:\n${services.join('\n')}\n`));
  expect(text).toContain('s140.start → s141.seeded');
  expect(text).not.toContain('s139');
});

import { describe, expect, test } from 'vitest';
import { refusal, resolveText, serviceOf } from '../testing/resolving.js';

const needs = (text: string, name: string) =>
  serviceOf(resolveText(text), name).needs.map(({ service, step }) => `${service}.${step}`);

describe('dependencies of a profile', () => {
  test('a reference is a dependency on the seeded service', () => {
    expect(
      needs('services: { app: { image: x, environment: { U: "${db.url}" } }, db: { template: postgres } }', 'app'),
    ).toEqual(['db.seeded']);
  });
  test('reads the conditions of depends_on', () => {
    const text = `services:
  a: { image: x }
  b: { image: x }
  c: { image: x, once: true }
  app: { image: x, depends_on: { a: { condition: service_started }, b: { condition: service_healthy }, c: {
    condition: service_completed_successfully } } }`;
    expect(needs(text, 'app')).toEqual(['a.start', 'b.seeded', 'c.gate']);
  });
  test('a service awaited with service_completed_successfully is a job', () => {
    const text =
      'services: { a: { image: x }, b: { image: y, ' +
      'depends_on: { a: { condition: service_completed_successfully } } } }';
    expect(serviceOf(resolveText(text), 'a').once).toBe('yes');
  });
  test('a service that a seed needs waits only for the gate', () => {
    const text = `services:
  db: { template: postgres, seed: { after: [migrate], steps: [{ sql: s.sql }] } }
  migrate: { image: x, once: true, depends_on: [tools], environment: { U: "\${db.url}" } }
  tools: { image: x, environment: { U: "\${db.url}" } }
  app: { image: x, environment: { U: "\${db.url}" } }`;
    expect([needs(text, 'migrate'), needs(text, 'tools'), needs(text, 'app')]).toEqual([
      ['tools.seeded', 'db.gate'],
      ['db.gate'],
      ['db.seeded'],
    ]);
  });
  test('a namespace of another service exists once it has started', () => {
    expect(needs('services: { a: { image: x }, b: { image: y, network_mode: "service:a" } }', 'b')).toEqual([
      'a.start',
    ]);
  });
  test('an optional dependency may be missing, another may not', () => {
    expect(
      needs('services: { a: { image: x, depends_on: { b: { condition: service_started, required: false } } } }', 'a'),
    ).toEqual([]);
    expect(refusal(() => resolveText('services: { a: { image: x, depends_on: [bb] }, b: { image: y } }'))).toMatch(
      /`depends_on` refers to a service "bb".*Did you mean "b"/,
    );
  });
  test('exports create no dependencies', () => {
    expect(needs('services: { a: { image: x, port: 1 } }\nexports: { A: "${a.url}" }', 'a')).toEqual([]);
  });
});

describe('selecting services', () => {
  const text = `services:
  db: { template: postgres }
  app: { image: x, port: 1, environment: { U: "\${db.url}" } }
  worker: { image: x, depends_on: [app], environment: { U: "\${db.url}" } }
  tool: { image: x, profiles: [debug] }
exports: { APP: "\${app.url}", DB: "\${db.url}" }`;
  const chosen = (selection: Partial<{ only: string[]; without: string[]; composeProfiles: string[] }>) => {
    const environment = resolveText(text, { selection: { only: [], without: [], composeProfiles: [], ...selection } });
    return { names: environment.services.map((service) => service.name).sort(), environment };
  };
  test('selects the named services and their dependencies', () => {
    expect(chosen({ only: ['app'] }).names).toEqual(['app', 'db']);
  });
  test('omitting a service removes the dependencies on it', () => {
    const { names, environment } = chosen({ without: ['app'] });
    expect(names).toEqual(['db', 'worker']);
    expect(serviceOf(environment, 'worker').needs.map((need) => need.service)).toEqual(['db']);
  });
  test('omits services of Compose profiles, unless enabled or named', () => {
    expect(chosen({}).names).not.toContain('tool');
    expect(chosen({ composeProfiles: ['debug'] }).names).toContain('tool');
    expect(chosen({ only: ['tool'] }).names).toEqual(['tool']);
  });
  test('refuses unknown service names', () => {
    expect(refusal(() => chosen({ only: ['ap'] }))).toMatch(/no service "ap".*Did you mean "app".*USAGE 2/);
  });
});

import { describe, expect, test } from 'vitest';
import { refusal, resolveText, serviceOf } from '../testing/resolving.js';

const needs = (text: string, name: string) =>
  serviceOf(resolveText(text), name).needs.map(({ service, step }) => `${service}.${step}`);

describe('who waits for what', () => {
  test('a reference is a dependency on the seeded service', () => {
    expect(
      needs('services: { app: { image: x, environment: { U: "${db.url}" } }, db: { template: postgres } }', 'app'),
    ).toEqual(['db.seeded']);
  });
  test('conditions of depends_on', () => {
    const text = `services:
  a: { image: x }
  b: { image: x }
  c: { image: x, once: true }
  app: { image: x, depends_on: { a: { condition: service_started }, b: { condition: service_healthy }, c: { condition: service_completed_successfully } } }`;
    expect(needs(text, 'app')).toEqual(['a.start', 'b.seeded', 'c.gate']);
  });
  test('an awaited job is one, whatever it says of itself', () => {
    const text =
      'services: { a: { image: x }, b: { image: y, depends_on: { a: { condition: service_completed_successfully } } } }';
    expect(serviceOf(resolveText(text), 'a').once).toBe('yes');
  });
  test('what a seed needs waits for the gate only', () => {
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
      /depends_on names a service "bb".*Did you mean "b"/,
    );
  });
  test('exports order nothing', () => {
    expect(needs('services: { a: { image: x, port: 1 } }\nexports: { A: "${a.url}" }', 'a')).toEqual([]);
  });
});

describe('a choice of services', () => {
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
  test('brings what is named and what that needs', () => {
    expect(chosen({ only: ['app'] }).names).toEqual(['app', 'db']);
  });
  test('without a service lets the others not wait', () => {
    const { names, environment } = chosen({ without: ['app'] });
    expect(names).toEqual(['db', 'worker']);
    expect(serviceOf(environment, 'worker').needs.map((need) => need.service)).toEqual(['db']);
  });
  test('leaves out what stands behind Compose profiles, unless switched on or named', () => {
    expect(chosen({}).names).not.toContain('tool');
    expect(chosen({ composeProfiles: ['debug'] }).names).toContain('tool');
    expect(chosen({ only: ['tool'] }).names).toEqual(['tool']);
  });
  test('names that do not exist are refused', () => {
    expect(refusal(() => chosen({ only: ['ap'] }))).toMatch(/no service "ap".*Did you mean "app".*USAGE 2/);
  });
});

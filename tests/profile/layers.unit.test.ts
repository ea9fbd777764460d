import { expect, test } from 'vitest';
import { composeLayer, project, refusal, resolveText, serviceOf } from '../testing/resolving.js';

const merged = (below: string, above: string) => resolveText([{ text: below }, { text: above }]);

test('later layers win: maps merge, lists and scalars replace', () => {
  const environment = merged(
    'services: { a: { image: one, command: [x, y], environment: { A: "1", B: "1" } } }',
    'services: { a: { image: two, command: [z], environment: { B: "2" } } }',
  );
  expect(serviceOf(environment, 'a').compose).toMatchObject({
    image: 'two',
    command: ['z'],
    environment: { A: '1', B: '2' },
  });
});
test('short forms become long ones before they are merged', () => {
  const environment = merged(
    'services: { a: { image: x, environment: [A=1, B=1] } }',
    'services: { a: { environment: { B: "2" } } }',
  );
  expect(serviceOf(environment, 'a').compose.environment).toEqual({ A: '1', B: '2' });
});
test('null deletes the value of a lower layer', () => {
  const environment = merged(
    'services: { a: { image: x, command: y }, b: { image: z } }',
    'services: { a: { command: null }, b: null }',
  );
  expect(environment.services.map((service) => service.name)).toEqual(['a']);
  expect(serviceOf(environment, 'a').compose).not.toHaveProperty('command');
});
test("takes a variable without a value from the user's environment", () => {
  const environment = resolveText('services: { a: { image: x, environment: { TOKEN: } } }', {
    env: { TOKEN: 'mine$' },
  });
  expect(serviceOf(environment, 'a').compose.environment).toEqual({ TOKEN: 'mine$' });
});
test('resolves paths relative to their own file', () => {
  const environment = resolveText([
    { text: 'services: { a: { build: app } }', path: `${project}/environments/base/profile.yaml` },
    { text: 'services: { a: { volumes: ["./data:/data:ro"] } }', path: `${project}/environments/shop/profile.yaml` },
  ]);
  const { build, volumes } = serviceOf(environment, 'a').compose;
  expect(build).toEqual({ context: `${project}/environments/base/app` });
  expect(volumes).toEqual([
    {
      type: 'bind',
      source: `${project}/environments/shop/data`,
      target: '/data',
      read_only: true,
      bind: { create_host_path: true },
    },
  ]);
});
test('an error has the position in the layer that caused it', () => {
  expect(
    refusal(() => merged('services:\n  a: { image: x }\n', 'services:\n  a:\n    environment: { U: "${nope.url}" }\n')),
  ).toMatch(/^3:/);
});
test('a healthcheck written as text runs in a shell', () => {
  const probe = serviceOf(
    resolveText('services: { a: { image: x, healthcheck: { test: "curl -f localhost || exit 1" } } }'),
    'a',
  ).gate.probes?.[0];
  expect(probe).toMatchObject({ kind: 'healthcheck', test: ['CMD-SHELL', 'curl -f localhost || exit 1'] });
});
test('treats a top-level volume without a value as a volume, not a deletion', () => {
  expect(resolveText('services: { a: { image: x } }\nvolumes:\n  data:\n').compose).toEqual({ volumes: { data: {} } });
});
test('keeps the dollar signs of a Compose layer', () => {
  const environment = resolveText(composeLayer('services: { a: { image: x, environment: { P: "a$$b" } } }'));
  expect(serviceOf(environment, 'a').compose.environment).toEqual({ P: 'a$b' });
});

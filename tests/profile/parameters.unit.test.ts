import { expect, test } from 'vitest';
import { refusal, resolveText, serviceOf } from '../testing/resolving.js';

const profile =
  'parameters: { workers: { default: 2, type: integer }, ' +
  'tag: "1" }\nservices: { a: { image: "x:${parameters.tag}", scale: "${parameters.workers}" } }';

test('a value that is exactly one reference has the type of the parameter', () => {
  expect(serviceOf(resolveText(profile), 'a').scale).toBe(2);
});
test('--set beats the variable beats the layers, the upper layer first', () => {
  const local = 'parameters: { workers: { default: 3 } }';
  const scale = (options: Parameters<typeof resolveText>[1]) =>
    serviceOf(resolveText([{ text: profile }, { kind: 'local', text: local }], options), 'a').scale;
  expect(scale({})).toBe(3);
  expect(scale({ env: { ENVCTL_PARAM_WORKERS: '4' } })).toBe(4);
  expect(scale({ env: { ENVCTL_PARAM_WORKERS: '4' }, set: { workers: '5' } })).toBe(5);
});
test('a value of the wrong type is refused with what it takes', () => {
  expect(refusal(() => resolveText(profile, { set: { workers: 'many' } }))).toMatch(
    /Invalid value for parameter "workers": "many", expected an integer.*PARAMETER_INVALID 2/,
  );
});
test('refuses an undeclared parameter with the nearest name', () => {
  expect(refusal(() => resolveText(profile, { set: { worker: '1' } }))).toMatch(
    /no parameter "worker" → Did you mean "workers"\?/,
  );
});
test('a parameter without a default must be given', () => {
  const text = 'parameters: { key: { type: string } }\nservices: { a: { image: "${parameters.key}" } }';
  expect(refusal(() => resolveText(text))).toMatch(/"key" has no value and no default/);
  expect(serviceOf(resolveText(text, { set: { key: 'y' } }), 'a').compose.image).toBe('y');
});
test('refuses a value that is not listed', () => {
  const text =
    'parameters: { size: { default: small, values: [small, big] } }\nservices: { a: { image: "${parameters.size}" } }';
  expect(refusal(() => resolveText(text, { set: { size: 'huge' } }))).toContain('one of small, big');
});
test('generates the secret of a template, unless it is given', () => {
  const environment = resolveText(
    'services: { a: { template: postgres }, b: { template: postgres, with: { password: given } } }',
  );
  expect(serviceOf(environment, 'a').parameters.password).toBe('generatedapassword');
  expect(serviceOf(environment, 'b').parameters.password).toBe('given');
});
test('prefers a variable of the service to the default of the template', () => {
  expect(
    serviceOf(resolveText('services: { a: { template: postgres, environment: { POSTGRES_DB: other } } }'), 'a')
      .parameters.database,
  ).toBe('other');
});
test('uses the default of an unset variable and unescapes dollar signs', () => {
  const environment = resolveText(
    'services: { a: { image: "${IMAGE:-fallback}", command: ["$${NOT_OURS}", "${EMPTY-x}", "${SET:+yes}"] } }',
    { env: { EMPTY: '', SET: '1' } },
  );
  expect(serviceOf(environment, 'a').compose).toMatchObject({
    image: 'fallback',
    command: ['${NOT_OURS}', '', 'yes'],
  });
});

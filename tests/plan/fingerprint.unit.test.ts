import { describe, expect, test } from 'vitest';
import { prepare } from '../testing/preparing.js';

type Given = Parameters<typeof prepare>[1];
type Options = Parameters<typeof prepare>[2];

const prints = (text: string, given: Given = {}, options: Options = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(prepare(text, given, options).workloads.map(({ service, fingerprint }) => [service, fingerprint]));
const of = (text: string, given: Given = {}, options: Options = {}): string =>
  Object.values(prints(text, given, options))[0] ?? '';

describe('a fingerprint is independent of', () => {
  test.each([
    [
      'the order of keys',
      '{ image: x, environment: { A: "1", B: "2" } }',
      '{ environment: { B: "2", A: "1" }, image: x }',
    ],
    ['short and long forms', '{ image: x, environment: [A=1] }', '{ image: x, environment: { A: "1" } }'],
    ['scale', '{ image: x, scale: 1 }', '{ image: x, scale: 3 }'],
    ['deploy.replicas', '{ image: x }', '{ image: x, deploy: { replicas: 3 } }'],
    ['the gate', '{ image: x, port: 80 }', '{ image: x, port: 80, ready: { http: / }, timeout: 1m }'],
  ])('%s', (_, one, other) => {
    expect(of(`services: { a: ${one} }`)).toBe(of(`services: { a: ${other} }`));
  });
  test('a secret, even a short one or one in another service', () => {
    const text = `services:
  app: { image: x, environment: { U: "\${db.url}" } }
  db: { template: postgres, environment: { COPY: "\${with.password}" } }`;
    const with_ = (password: string) => prints(text, { secrets: [password] }, { secret: () => password });
    expect(with_('first-one/of%')).toEqual(with_('another secret'));
    const short = (password: string) =>
      prints(`services:
  db: { template: postgres, with: { password: ${password} } }
  app: { image: x, environment: { U: "\${db.url}" } }`);
    expect(short('a')).toEqual(short('b'));
  });
  test('a secret percent-encoded in an address of a Compose file', () => {
    const withPassword = (password: string) =>
      prints(
        `services:
  db: { image: postgres, environment: { POSTGRES_PASSWORD: "${password}" } }
  app: { image: x, environment: { U: "db://${encodeURIComponent(password)}@db" } }`,
        { secrets: [password] },
      );
    expect(withPassword('first p@ssword')).toEqual(withPassword('another/one'));
  });
  test('the port the engine chose', () => {
    const text = 'services: { app: { image: x, port: 80 } }';
    expect(of(text)).toBe(of(text, { outside: { app: { main: { host: '127.0.0.1', port: 4711 } } } }));
  });
  test('files that another service mounts', () => {
    const text = `services: { a: { image: x }, b: { image: y, secrets: [s], configs: [c] } }
secrets: { s: { file: s } }
configs: { c: { file: c } }`;
    const hashed = (hash: string) =>
      prints(text, { hashes: { '/project/environments/s': hash, '/project/environments/c': hash } });
    expect(hashed('1').a).toBe(hashed('2').a);
    expect(hashed('1').b).not.toBe(hashed('2').b);
  });
});

describe('a fingerprint changes', () => {
  test.each([
    ['an environment variable', '{ image: x, environment: { A: "2" } }'],
    ['the command', '{ image: x, environment: { A: "1" }, command: run }'],
    ['a fixed port', '{ image: x, environment: { A: "1" }, port: "80:80" }'],
    ['a port', '{ image: x, environment: { A: "1" }, port: 80 }'],
    ['a limit', '{ image: x, environment: { A: "1" }, deploy: { resources: { limits: { memory: 1g } } } }'],
  ])('with %s', (_, other) => {
    expect(of('services: { a: { image: x, environment: { A: "1" } } }')).not.toBe(of(`services: { a: ${other} }`));
  });
  test('with a parameter that is not secret, and with the storage', () => {
    expect(of('services: { db: { template: postgres } }')).not.toBe(
      of('services: { db: { template: postgres, with: { database: x } } }'),
    );
    expect(of('services: { db: { template: postgres } }')).not.toBe(
      of('services: { db: { template: postgres } }', {}, { storage: 'disk' }),
    );
  });
  test('with the content of a config written in the profile', () => {
    const text = (content: string) =>
      `services: { a: { image: x, configs: [c] } }\nconfigs: { c: { content: ${content} } }`;
    expect(of(text('one'))).not.toBe(of(text('two')));
  });
});

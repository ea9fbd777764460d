import { describe, expect, test } from 'vitest';
import { masker, publicNames, secretValues } from '../../src/connections/masking.js';
import type { Environment } from '../../src/model/environment.js';
import type { Service } from '../../src/model/service.js';

const secret = `p@ss w"rd/é'$1`;
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('hides a secret', () => {
  test.each([
    ['unchanged', `password is ${secret}.`, 'password is •••.'],
    ['percent-encoded', `at ${encodeURIComponent(secret)}!`, 'at •••!'],
    ['percent-encoded in lower case, as Python writes it', 'at p%40ss%20w%22rd/%c3%a9%27%241!', 'at •••!'],
    ['with + for a space', 'q=p%40ss+w%22rd%2F%C3%A9%27%241&r', 'q=•••&r'],
    ['inside JSON', JSON.stringify({ key: secret }), '{"key":"•••"}'],
    ['in the single quotes of a shell', `export K='${secret.replaceAll("'", "'\\''")}'`, "export K='•••'"],
    ['in base64', `data ${base64(secret)} end`, 'data ••• end'],
    [
      'in base64 without padding and in the alphabet of URLs',
      `data ${Buffer.from(secret).toString('base64url')} end`,
      'data ••• end',
    ],
    ['twice and side by side', `${secret}${secret} and ${secret}`, '••• and •••'],
  ])('hides a secret: %s', (_how, text, shown) => {
    expect(masker([secret])(text)).toBe(shown);
  });

  test.each(['', 'a:', 'ab:', 'abc:', 'user:'])(
    'hides a secret inside the base64 of a longer text that starts with "%s"',
    (before) => {
      for (const after of ['', 'z', 'zz', 'zzz']) {
        expect(masker([secret])(`Authorization: Basic ${base64(before + secret + after)}`)).toBe(
          'Authorization: Basic •••',
        );
      }
    },
  );
});

test('returns text without a secret unchanged', () => {
  const text = 'postgres:15 is ready at http://127.0.0.1:49153/path@x, 100% (a+b)';
  expect(masker([secret])(text)).toBe(text);
});

test('hides the longer of two secrets, and both of two that overlap', () => {
  expect(masker(['abcd', 'abcdefgh'])('xabcdefghx')).toBe('x•••x');
  expect(masker(['abcdef', 'defghi'])('xabcdefghix')).toBe('x•••x');
});

test('changes nothing when masking twice', () => {
  const mask = masker([secret]);
  const once = mask(`a ${secret} redis://:${encodeURIComponent(secret)}@h:1/0`);
  expect(once).toBe('a ••• redis://:•••@h:1/0');
  expect(mask(once)).toBe(once);
});

test('hides a multi-line secret in a log that is split into lines', () => {
  const mask = masker(['-----BEGIN KEY-----\nMIIEvQIBADANBgkq\n}\n']);
  expect(mask('key: MIIEvQIBADANBgkq')).toBe('key: •••');
  expect(mask('}')).toBe('}');
});

describe('hides the password of a URL without knowing the secret', () => {
  test.each([
    ['postgresql://app:hunter2@127.0.0.1:5432/shop', 'postgresql://app:•••@127.0.0.1:5432/shop'],
    ['redis://:x@h', 'redis://:•••@h'],
    ['amqp://a:b@h:1,amqp://c:d@h:2', 'amqp://a:•••@h:1,amqp://c:•••@h:2'],
    ['http://127.0.0.1:8000/users/a@b', 'http://127.0.0.1:8000/users/a@b'],
    ['["http://h:80","a@b"]', '["http://h:80","a@b"]'],
    ['http://app@h:80', 'http://app@h:80'],
  ])('masks the password of %s', (text, shown) => {
    expect(masker([])(text)).toBe(shown);
  });
});

describe('a secret that is short or a public name', () => {
  const mask = masker(['shop', 'abc', ''], ['shop']);

  test('keeps public names that equal a secret', () => {
    expect(mask('shop: abc of shop is ready in 0.9s')).toBe('shop: abc of shop is ready in 0.9s');
  });

  test.each([
    ['PGPASSWORD=shop', 'PGPASSWORD=•••'],
    ['POSTGRES_PASSWORD: shop', 'POSTGRES_PASSWORD: •••'],
    ['{"password":"shop","user":"shop"}', '{"password":"•••","user":"shop"}'],
    ["ALTER USER shop PASSWORD 'shop'", "ALTER USER shop PASSWORD '•••'"],
    ['api-key=abc', 'api-key=•••'],
    ['postgresql://shop:shop@db/shop', 'postgresql://shop:•••@db/shop'],
    ['password=shopping', 'password=shopping'],
  ])('hides a short secret only as a password: %s', (text, shown) => {
    expect(mask(text)).toBe(shown);
  });
});

test('hides a secret everywhere if it is not a public name', () => {
  expect(masker(['sesame'])('open sesame')).toBe('open •••');
});

test('lists the secret values and public names of an environment', () => {
  const db = {
    name: 'db',
    kind: 'db',
    template: 'postgres',
    speaks: 'postgres',
    parameters: { user: 'app', password: 's3cret', port: 1 },
    secrets: { password: ['X'] },
  };
  const environment = {
    profile: 'shop',
    declared: ['db', 'cache'],
    services: [db as Partial<Service> as Service],
  } as Partial<Environment> as Environment;
  expect(secretValues(environment)).toEqual(['s3cret']);
  expect(new Set(publicNames(environment))).toEqual(new Set(['shop', 'db', 'cache', 'postgres', 'app', '1']));
});

test('masks a line of ten million characters in linear time', () => {
  const line = `${'a:'.repeat(2_500_000)}${'/+'.repeat(2_500_000)}`;
  expect(masker([secret, 'x'], ['y'])(line)).toBe(line);
});

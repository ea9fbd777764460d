import { describe, expect, test } from 'vitest';
import { refusal, resolveText } from '../testing/resolving.js';

const refused = (text: string): string => refusal(() => resolveText(text));

describe('refuses, with position and hint,', () => {
  test('an unknown key of a service, with the nearest word', () => {
    expect(refused('services:\n  db:\n    templat: postgres\n')).toBe(
      '3:5 Service "db" has an unknown key "templat" → Did you mean "template"? (PROFILE_INVALID 2)',
    );
  });
  test('a typo in a Compose key', () => {
    expect(refused('services:\n  a: { image: x, enviroment: { A: b } }\n')).toMatch(
      /^2:18 .*"enviroment" → Did you mean "environment"\?/,
    );
  });
  test('except an unknown key that Compose may have', () => {
    expect(resolveText('services: { a: { image: x, quantum_mode: true } }').services[0]?.compose).toMatchObject({
      quantum_mode: true,
    });
  });
  test('an unknown top-level key', () => {
    expect(refused('servces: {}\nservices: { a: { image: x } }\n')).toMatch(
      /^1:1 Unknown key "servces" → Did you mean "services"\?/,
    );
  });
  test('a value of the wrong type', () => {
    expect(refused('services:\n  a:\n    image: x\n    once: sometimes\n')).toMatch(/^4:5 .*(PROFILE_INVALID 2)/);
  });
  test('no services at all', () => {
    expect(refused('summary: nothing\n')).toMatch(/has no services → .*\(PROFILE_INVALID 2\)$/);
  });
  test('a template that does not exist', () => {
    expect(refused('services:\n  db: { template: postgress }\n')).toMatch(
      /^2:9 .*"postgress".*Did you mean "postgres"\?.*TEMPLATE_UNKNOWN 2/,
    );
  });
  test('a parameter that a template does not have', () => {
    expect(refused('services:\n  db: { template: postgres, with: { databse: x } }\n')).toMatch(
      /no parameter "databse" → Did you mean "database"\?/,
    );
  });
  test('a reference to a service that does not exist', () => {
    expect(
      refused('services:\n  a: { image: x, environment: { U: "${bd.url}" } }\n  db: { template: postgres }\n'),
    ).toMatch(/"\$\{bd\.url\}" refers to a service "bd".*Did you mean "db"\?.*REFERENCE_DANGLING 2/);
  });
  test('a reference to a property that a service does not have', () => {
    expect(
      refused('services:\n  a: { image: x, environment: { U: "${db.ulr}" } }\n  db: { template: postgres }\n'),
    ).toMatch(/refers to a property that "db" does not have.*Did you mean "url"/);
  });
  test('the address of a service without a port', () => {
    expect(refused('services: { a: { image: x, environment: { U: "${b.url}" } }, b: { image: y } }')).toMatch(
      /Declare the port that "b" listens on: port: 8000/,
    );
  });
  test('one host port for two services', () => {
    expect(refused('services:\n  a: { image: x, port: 8000:80 }\n  b: { image: y, port: 8000:8000 }\n')).toMatch(
      /^3:18 Services "a" and "b" both fix host port 8000 → Change one .* let the engine choose.*PROFILE_INVALID 2/,
    );
  });
  test('one host port for two ports of a service', () => {
    expect(refused('services: { a: { image: x, ports: { main: 8000:80, admin: 8000:81 } } }')).toMatch(
      /Service "a" fixes host port 8000 twice/,
    );
  });
  test('except a host port of two services that never run together', () => {
    const text = 'services: { a: { image: x, port: 8000:80 }, b: { image: y, port: 8000:80, profiles: [other] } }';
    expect(resolveText(text).services.map(({ name }) => name)).toEqual(['a']);
  });
  test('names that clash as exports', () => {
    expect(refused('services: { my-db: { image: x }, my_db: { image: y } }')).toMatch(
      /would both be exported as MY_DB_URL/,
    );
  });
  test.each(['parameters', 'with', 'at', 'env'])('a service called %s', (name) => {
    expect(refused(`services: { ${name}: { image: x } }`)).toContain('reserved name');
  });
  test('a path that leaves the project', () => {
    expect(refused('services:\n  db: { template: postgres, seed: [{ sql: ../../etc/passwd }] }\n')).toMatch(
      /Path "..\/..\/etc\/passwd" is outside the project/,
    );
  });
  test('a missing environment variable', () => {
    expect(refused('services:\n  a: { image: "x:${TAG}" }\n')).toMatch(
      /^2:8 Environment variable TAG is not set → .*VARIABLE_MISSING 2/,
    );
  });
  test('ports in both forms', () => {
    expect(refused('services: { a: { image: x, port: 99999 } }')).toMatch(/PROFILE_INVALID/);
  });
});

describe('a dependency cycle', () => {
  test('is printed with the kinds of its nodes and a hint', () => {
    const text = refused(
      'services:\n  a: { image: x, environment: { A: "${b.host}" } }\n  b: { image: y, depends_on: [a] }\n',
    );
    expect(text).toContain('a.start → b.seeded → b.gate → b.start → a.seeded → a.gate → a.start');
    expect(text).toContain('${service.inside.url}');
    expect(text).toMatch(/CYCLE 2/);
  });
  test('does not result from inside and outside addresses', () => {
    const environment = resolveText(
      'services:\n  a: { image: x, port: 1, environment: { A: "${b.inside.url}" } }\n  b: { image: y, port: 2, ' +
        'depends_on: [a] }\n',
    );
    expect(environment.services.map((service) => service.name)).toEqual(['a', 'b']);
  });
  test('does not result from a service that refers to its own address', () => {
    expect(() => resolveText('services: { a: { image: x, port: 1, environment: { ME: "${a.url}" } } }')).not.toThrow();
  });
});

import { describe, expect, test } from 'vitest';
import { refusal, resolveText, type Written } from '../testing/resolving.js';

/** `line:column` of the refused value. */
const place = (written: string | readonly Written[], options: Parameters<typeof resolveText>[1] = {}): string =>
  refusal(() => resolveText(written, options)).split(' ')[0] ?? '';

const inService = (lines: string): string => `services:\n  db: { template: postgres }\n  a:\n    image: x\n${lines}`;

describe('the position of an error', () => {
  test.each([
    ['a reference that ends like a parameter of a template', '    environment:\n      U: "${no-mq.vhost}"\n', '6:7'],
    ['a dangling reference', '    environment:\n      A: ok\n      U: "${bd.url}"\n', '7:7'],
    ['a dangling reference in a list', '    environment:\n      - A=ok\n      - U=${bd.url}\n', '7:9'],
    ['a property that does not exist', '    environment:\n      U: "${db.ulr}"\n', '6:7'],
    ['a property in a list of the short form', '    environment:\n      - A=1\n      - U=${db.ulr}\n', '7:9'],
    ['a property in a command', '    command: [run, "${db.ulr}"]\n', '5:20'],
    ['a missing variable', '    command: [run, "${NOPE}"]\n', '5:20'],
    ['a dependency in a list', '    depends_on:\n      - db\n      - bd\n', '7:9'],
    ['a dependency in a map', '    depends_on:\n      db: { condition: service_startd }\n', '6:13'],
    ['a link', '    links: [bd]\n', '5:5'],
    ['an option of a probe', '    port: 1\n    ready:\n      http: { path: /, stauts: 200 }\n', '7:24'],
    ['an option beside a probe', '    port: 1\n    ready:\n      - http: /\n        jsn: {}\n', '8:9'],
    ['the second probe of a list', '    port: 1\n    ready:\n      - http: /\n      - htp: /\n', '8:9'],
    ['a pattern', '    ready: { log: "(" }\n', '5:14'],
    ['a property in a probe', '    ready: { exec: "test ${db.ulr}" }\n', '5:14'],
    ['a seed that nobody takes', '    seed:\n      - sql: a.sql\n', '6:9'],
    ['the service a seed waits for', '    seed:\n      after: [db, bd]\n', '6:19'],
    ['the service a seed runs in', '    seed: [{ exec: load, in: bd }]\n', '5:26'],
    ['a port by name', '    ports:\n      main: 1\n      admin: 0:5\n', '7:7'],
    ['a port of a list', '    ports:\n      - 80\n      - 1-5:1-5\n', '7:9'],
    ['a number of replicas', '    scale: some\n', '5:5'],
    ['a path out of the project', '    env_file:\n      - a.env\n      - ../../../b.env\n', '7:9'],
    ['a path of a build', '    build:\n      context: ../../..\n', '6:7'],
    ['`with` on a service without a template', '    with: { a: b }\n', '5:5'],
    ['a variable that is a map', '    environment:\n      A: { b: c }\n', '6:7'],
  ])('is at %s', (_, lines, expected) => {
    expect(place(inService(lines))).toBe(expected);
  });

  test('is at an export', () => {
    expect(place('services:\n  a: { image: x }\nexports:\n  OK: text\n  A: "${a.url}"\n')).toBe('5:3');
    expect(place('services:\n  a: { image: x }\nexports:\n  1A: text\n')).toBe('4:3');
  });
  test('is at a parameter of a template', () => {
    expect(place('services:\n  db:\n    template: postgres\n    with:\n      versoin: 15\n')).toBe('5:7');
    expect(place('parameters:\n  ok: 1\n  n: { default: "${NOPE}" }\nservices:\n  a: { image: x }\n')).toBe('3:8');
  });
  test('is in the layer that wrote the value, in either form', () => {
    const below = {
      text: 'services:\n  a:\n    image: x\n    environment: [A=1]\n',
      path: '/project/environments/base.yaml',
    };
    const above = { text: 'services:\n  a:\n\n    environment: ["B=${nope.url}"]\n' };
    const error = (() => {
      try {
        resolveText([below, above]);
        return null;
      } catch (thrown) {
        return thrown as { position: unknown };
      }
    })();
    expect(error?.position).toEqual({ file: '/project/environments/shop.yaml', line: 4, column: 19 });
  });
});

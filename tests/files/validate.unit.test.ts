import { describe, expect, test } from 'vitest';
import { validateProfile } from '../../src/files/validate-profile.js';
import { parseDocument } from '../../src/files/yaml/document.js';
import { refusal } from '../testing/resolving.js';

const check = (text: string): void => validateProfile(parseDocument('/p.yaml', text).document);
const inService = (words: string): string => `services:\n  a:\n    ${words}\n`;

describe('a profile of the wrong shape is refused with the place, what it is, and what it takes', () => {
  test.each([
    ['services: [a]\n', '1:1 "services" cannot be a list → It takes a map, not a list.'],
    ['services:\n  a: 5\n', '2:3 "a" cannot be "5" → It takes a map, not "5".'],
    ['exports: { A: [b] }\n', '1:12 "A" cannot be a list → It takes a text, a number or true or false, not a list.'],
    ['include: [{ path: x }]\n', '1:11 entry 1 of "include" cannot be a map → It takes a text, not a map.'],
    [
      'parameters: { n: { type: float } }\n',
      '1:20 "type" cannot be "float" → It takes string, integer or boolean, not "float".',
    ],
    ['parameters: { n: { defualt: 1 } }\n', '1:20 unknown key "defualt" → Did you mean "default"?'],
    [
      inService('port: eighty'),
      '3:5 "port" cannot be "eighty" → It takes a port from 1 to 65535 (8000), or host:service (8000:8000), not "eighty".',
    ],
    [
      inService('port: 99999'),
      '3:5 "port" cannot be "99999" → It takes a port from 1 to 65535 (8000), or host:service (8000:8000), not "99999".',
    ],
    [
      inService('ports: { main: x }'),
      '3:14 "main" cannot be "x" → It takes a port from 1 to 65535 (8000), or host:service (8000:8000), not "x".',
    ],
    [inService('once: maybe'), '3:5 "once" cannot be "maybe" → It takes true or false, not "maybe".'],
    [
      inService('timeout: soon'),
      '3:5 "timeout" cannot be "soon" → It takes a time: seconds, or 500ms, 30s, 2m, not "soon".',
    ],
    [inService('template: 5'), '3:5 "template" cannot be "5" → It takes a text, not "5".'],
    [
      inService('with: { a: [b] }'),
      '3:13 "a" cannot be a list → It takes a text, a number or true or false, not a list.',
    ],
    [inService('ready: 5'), '3:5 "ready" cannot be "5" → It takes a probe or a list of probes, not "5".'],
    [
      inService('ready: [{ http: /, timeout: x }]'),
      '3:24 "timeout" cannot be "x" → It takes a time: seconds, or 500ms, 30s, 2m, not "x".',
    ],
    [inService('process: { comand: x }'), '3:16 unknown key "comand" → Did you mean "command"?'],
    [
      inService('seed: 5'),
      '3:5 "seed" cannot be "5" → It takes a list of steps, or a map with after and steps, not "5".',
    ],
    [inService('seed: { stepss: [] }'), '3:13 unknown key "stepss" → Did you mean "steps"?'],
    [inService('seed: [{ sqll: x }]'), '3:14 unknown key "sqll" → Did you mean "sql"?'],
    [inService('seed: [{ csv: x }]'), '3:12 "table" is missing → Add `table: …`.'],
    [inService('seed: [{ csv: x, tabel: y }]'), '3:22 unknown key "tabel" → Did you mean "table"?'],
    [inService('seed: [{ http: /, status: ok }]'), '3:23 "status" cannot be "ok" → It takes a number, not "ok".'],
    [
      inService('seed: [{}]'),
      '3:12 entry 1 of "seed" cannot be a map → It takes a map with one of sql, csv, redis, stubs, http, exec, run, not a map.',
    ],
    [
      inService('seed: { steps: [x] }'),
      '3:21 entry 1 of "steps" cannot be "x" → It takes a map with one of sql, csv, redis, stubs, http, exec, run, not "x".',
    ],
    [inService('imagee: x'), '3:5 service "a" has an unknown key "imagee" → Did you mean "image"?'],
  ])('%s', (text, expected) => {
    expect(refusal(() => check(text))).toBe(`${expected} (PROFILE_INVALID 2)`);
  });
});

test.each([
  'services: { a: null }',
  'x-anchors: { a: 1 }\nversion: "3.9"\nname: x\nservices: { a: { x-note: 1 } }',
  'services: { a: { port: "${parameters.p}", once: "${parameters.o}", timeout: "${parameters.t}" } }',
  'services: { a: { timeout: 1.50, ready: { http: /, stable: 0.5 } } }',
  'services: { a: { template: null, port: null, ready: null, seed: null } }',
  'parameters: { a: 1, b: null, c: { default: x, type: string, values: [x], summary: text } }',
])('a profile may say %s', (text) => {
  expect(() => check(text)).not.toThrow();
});

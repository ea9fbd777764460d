import { describe, expect, test } from 'vitest';
import { validateProfile } from '../../src/files/validate-profile.js';
import { parseDocument } from '../../src/files/yaml/document.js';
import { refusal } from '../testing/resolving.js';

const check = (text: string): void => validateProfile(parseDocument('/p.yaml', text).document);
const inService = (keys: string): string => `services:\n  a:\n    ${keys}\n`;

const stepKeys = 'a map with one of sql, csv, redis, stubs, http, exec, run';

describe('an invalid profile is refused with the position, the value and what is expected', () => {
  test.each([
    ['services: [a]\n', '1:1 Invalid value for "services": a list → Expected a map.'],
    ['services:\n  a: 5\n', '2:3 Invalid value for "a": "5" → Expected a map.'],
    ['exports: { A: [b] }\n', '1:12 Invalid value for "A": a list → Expected a string, a number, true or false.'],
    ['include: [{ path: x }]\n', '1:11 Invalid value for entry 1 of "include": a map → Expected a string.'],
    [
      'parameters: { n: { type: float } }\n',
      '1:20 Invalid value for "type": "float" → Expected string, integer or boolean.',
    ],
    ['parameters: { n: { defualt: 1 } }\n', '1:20 Unknown key "defualt" → Did you mean "default"?'],
    [
      inService('port: eighty'),
      '3:5 Invalid value for "port": "eighty" → Expected a port from 1 to 65535 (8000), or host:service (8000:8000).',
    ],
    [
      inService('port: 99999'),
      '3:5 Invalid value for "port": "99999" → Expected a port from 1 to 65535 (8000), or host:service (8000:8000).',
    ],
    [
      inService('ports: { main: x }'),
      '3:14 Invalid value for "main": "x" → Expected a port from 1 to 65535 (8000), or host:service (8000:8000).',
    ],
    [inService('once: maybe'), '3:5 Invalid value for "once": "maybe" → Expected true or false.'],
    [
      inService('timeout: soon'),
      '3:5 Invalid value for "timeout": "soon" → Expected a duration: seconds, or 500ms, 30s, 2m.',
    ],
    [inService('template: 5'), '3:5 Invalid value for "template": "5" → Expected a string.'],
    [inService('with: { a: [b] }'), '3:13 Invalid value for "a": a list → Expected a string, a number, true or false.'],
    [inService('ready: 5'), '3:5 Invalid value for "ready": "5" → Expected a probe or a list of probes.'],
    [
      inService('ready: [{ http: /, timeout: x }]'),
      '3:24 Invalid value for "timeout": "x" → Expected a duration: seconds, or 500ms, 30s, 2m.',
    ],
    [inService('process: { comand: x }'), '3:16 Unknown key "comand" → Did you mean "command"?'],
    [
      inService('seed: 5'),
      '3:5 Invalid value for "seed": "5" → Expected a list of steps, or a map with after and steps.',
    ],
    [inService('seed: { stepss: [] }'), '3:13 Unknown key "stepss" → Did you mean "steps"?'],
    [inService('seed: [{ sqll: x }]'), '3:14 Unknown key "sqll" → Did you mean "sql"?'],
    [inService('seed: [{ csv: x }]'), '3:12 Missing key "table" → Add `table: …`.'],
    [inService('seed: [{ csv: x, tabel: y }]'), '3:22 Unknown key "tabel" → Did you mean "table"?'],
    [inService('seed: [{ http: /, status: ok }]'), '3:23 Invalid value for "status": "ok" → Expected a number.'],
    [inService('seed: [{}]'), `3:12 Invalid value for entry 1 of "seed": a map → Expected ${stepKeys}.`],
    [inService('seed: { steps: [x] }'), `3:21 Invalid value for entry 1 of "steps": "x" → Expected ${stepKeys}.`],
    [inService('imagee: x'), '3:5 Service "a" has an unknown key "imagee" → Did you mean "image"?'],
  ])('refuses the profile %s', (text, expected) => {
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
])('accepts the profile %s', (text) => {
  expect(() => check(text)).not.toThrow();
});

import { describe, expect, test } from 'vitest';
import { refusal, resolveText, serviceOf } from '../testing/resolving.js';

const onProcesses = (service: string) => resolveText(`services: { a: ${service} }`, { runs: ['process'] });

describe('where only processes run', () => {
  test('an unknown key is refused: nobody else would read it', () => {
    expect(refusal(() => onProcesses('{ process: { command: run }, quantum_mode: true }'))).toMatch(
      /^1:45 service "a" has an unknown key "quantum_mode".*PROFILE_INVALID/,
    );
  });
  test('keys that cannot act are listed once, unless a command of its own takes their place', () => {
    expect(onProcesses('{ template: redis, cap_add: [A], volumes: [data:/d], environment: { A: b } }').notices).toEqual(
      ['a: cap_add, volumes cannot act on a process and are left out'],
    );
    expect(onProcesses('{ process: { command: run }, cap_add: [A] }').notices).toEqual([]);
    expect(
      resolveText('services: { a: { template: redis, cap_add: [A] } }', { runs: ['container', 'process'] }).notices,
    ).toEqual([]);
  });
});

describe('how a process is run', () => {
  const process = (service: string) => serviceOf(onProcesses(service), 'a').process;
  test.each([
    ['{ process: { command: "run it" } }', { argv: ['run', 'it'], portVariables: {}, cwd: '/project/environments' }],
    ['{ process: { command: [run], cwd: ../app } }', { cwd: '/project/app' }],
    ['{ port: 80, process: { command: run, port: PORT } }', { portVariables: { main: 'PORT' } }],
    ['{ port: 80, process: { command: run, port: auto } }', { portVariables: {} }],
    [
      '{ ports: { main: 80, admin: 81 }, process: { command: run, port: PORT, ports: { admin: ADMIN } } }',
      { portVariables: { main: 'PORT', admin: 'ADMIN' } },
    ],
    ['{ template: redis }', { kind: 'server', run: 'redis-server' }],
  ])('%s', (service, expected) => {
    expect(process(service)).toMatchObject(expected);
  });
  test('is the template’s only where the template is named, not where its image is recognised', () => {
    expect(serviceOf(resolveText('services: { a: { image: redis } }'), 'a').process).toBeNull();
  });
});

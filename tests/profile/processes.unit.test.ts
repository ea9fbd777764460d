import { describe, expect, test } from 'vitest';
import { refusal, resolveText, serviceOf } from '../testing/resolving.js';

const onProcesses = (service: string) => resolveText(`services: { a: ${service} }`, { runs: ['process'] });

describe('resolving for processes', () => {
  test('refuses an unknown key, which Compose would not read either', () => {
    expect(refusal(() => onProcesses('{ process: { command: run }, quantum_mode: true }'))).toMatch(
      /^1:45 Service "a" has an unknown key "quantum_mode".*PROFILE_INVALID/,
    );
  });
  test('lists keys without effect once, unless the service has a process command', () => {
    expect(onProcesses('{ template: redis, cap_add: [A], volumes: [data:/d], environment: { A: b } }').notices).toEqual(
      ['a: cap_add, volumes have no effect on a process'],
    );
    expect(onProcesses('{ process: { command: run }, cap_add: [A] }').notices).toEqual([]);
    expect(
      resolveText('services: { a: { template: redis, cap_add: [A] } }', { runs: ['container', 'process'] }).notices,
    ).toEqual([]);
  });
});

describe('the process of a service', () => {
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
  ])('reads the process of %s', (service, expected) => {
    expect(process(service)).toMatchObject(expected);
  });
  test('uses the process of a named template, but not of an adopted image', () => {
    expect(serviceOf(resolveText('services: { a: { image: redis } }'), 'a').process).toBeNull();
  });
});

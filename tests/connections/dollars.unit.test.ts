import { expect, test } from 'vitest';
import { connectionsOf, exportsOf } from '../../src/connections/connections.js';
import { formatExports, readExports } from '../../src/connections/recorded-texts.js';
import type { ServiceRecord } from '../../src/model/observed.js';
import { fillText } from '../../src/profile/references/template-text.js';
import { prepare, running } from '../testing/preparing.js';

const prepared = prepare(
  [
    'services:',
    '  db: { template: postgres }',
    '  a:',
    '    image: x',
    '    port: 80',
    '    environment: [ "P=a$$b", "U=$$${db.host}$$" ]',
    '    command: echo $$HOME "${db.host}$$"',
    '    process: { command: "run $$HOME ${db.host}$$" }',
    '    seed: [ { run: "echo $$HOME ${db.inside.host}$$" } ]',
    'exports: { PLAIN: "a$$b", MIXED: "$$${a.inside.host}$$" }',
  ].join('\n'),
);
const service = prepared.environment.services.find(({ name }) => name === 'a');
const observed = running(prepared);
const connections = connectionsOf(observed, () => '');

test('$$ becomes one $ in the environment and the command of a container', () => {
  const { compose } = prepared.workloads.find((workload) => workload.service === 'a') ?? { compose: {} };
  expect(compose).toMatchObject({ environment: { P: 'a$b', U: '$db$' }, command: 'echo $HOME "db$"' });
});

test('$$ becomes one $ in the arguments of a process and of a seed', () => {
  const argv = service?.process?.kind === 'command' ? service.process.argv : [];
  const [step] = service?.seed.steps ?? [];
  const seedArgv = step?.kind === 'run' ? step.argv : [];
  const fill = (texts: typeof argv) => texts.map((text) => fillText(text, () => 'db'));
  expect(fill(argv)).toEqual(['run', '$HOME', 'db$']);
  expect(fill(seedArgv)).toEqual(['echo', '$HOME', 'db$']);
});

test('$$ becomes one $ in exports, from the profile and from the labels of a service', () => {
  const expected = { PLAIN: 'a$b', MIXED: '$a$' };
  expect(exportsOf(connections, observed, prepared.environment.exports)).toMatchObject(expected);
  expect(exportsOf(connections, observed)).toMatchObject(expected);
});

test('the textual form in labels survives a round trip', () => {
  const record = JSON.parse(JSON.stringify(observed[0]?.record)) as ServiceRecord;
  expect(record.exports).toEqual({ PLAIN: 'a$$b', MIXED: '$$${a.inside.host}$$' });
  expect(formatExports(readExports(record.exports, new Set(['a'])))).toEqual(record.exports);
});

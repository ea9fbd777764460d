import { expect, test } from 'vitest';
import { loadProtocol, type ProtocolName, protocols } from '../../src/protocols/registry.js';

const names = Object.keys(protocols) as ProtocolName[];

test.each(names)('protocol %s has the name and the seed kinds that the registry lists', async (name) => {
  const protocol = await loadProtocol(name);
  expect([protocol.name, Object.keys(protocol.seeds)]).toEqual([name, protocols[name].seeds]);
});

test('loading a protocol that does not exist is a bug, also for names that every object has', async () => {
  await expect(loadProtocol('toString')).rejects.toThrow('bug: there is no protocol "toString"');
});

import { expect, test } from 'vitest';
import { loadProtocol, type ProtocolName, protocolWords } from '../../src/protocols/registry.js';

const names = Object.keys(protocolWords) as ProtocolName[];

test.each(names)('the words of %s, known without loading it, are those it has', async (name) => {
  const { name: own, options, seeds } = await loadProtocol(name);
  expect({ name: own, options, seeds }).toEqual({ name, ...protocolWords[name] });
});

test.each(names)('%s can do what it says: it seeds if it takes seeds', async (name) => {
  const protocol = await loadProtocol(name);
  expect(protocol.seed !== undefined).toBe(protocol.seeds.length > 0);
});

test('another name is a bug, also when every object has it', async () => {
  await expect(loadProtocol('toString')).rejects.toThrow('bug: there is no protocol "toString"');
});

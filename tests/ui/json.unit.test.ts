import { expect, test } from 'vitest';
import { masker } from '../../src/connections/masking.js';
import { maskedJson } from '../../src/ui/json.js';

test('a password that is a public word is hidden where a password stands, and the word stays elsewhere', () => {
  const told = { service: 'postgres', env: { PGPASSWORD: 'postgres', PGUSER: 'postgres' }, list: ['postgres'] };
  expect(JSON.parse(maskedJson(told, masker(['postgres'], ['postgres'])))).toEqual({
    ...told,
    env: { PGPASSWORD: '•••', PGUSER: 'postgres' },
  });
});

import { expect, test } from 'vitest';
import { masker } from '../../src/connections/masking.js';
import { maskedJson } from '../../src/ui/json.js';

test('masks a password that equals a public name only in password fields', () => {
  const value = { service: 'postgres', env: { PGPASSWORD: 'postgres', PGUSER: 'postgres' }, list: ['postgres'] };
  expect(JSON.parse(maskedJson(value, masker(['postgres'], ['postgres'])))).toEqual({
    ...value,
    env: { PGPASSWORD: '•••', PGUSER: 'postgres' },
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, eventually, newCustomer, received } from './shop.mjs';

test('a new customer gets a mail whose token confirms the address', async () => {
  const { email, token } = await newCustomer();

  const [mail] = await eventually('the mail to a new customer', async () => {
    const mails = await received('email', '/api/v1/emails/send', { to: email, template: 'email_verification' });
    return mails.length > 0 && mails;
  });
  await call('POST', '/api/auth/verify-email/', { body: { token: mail.token } });

  assert.equal((await call('GET', '/api/users/profile/', { token })).email_verified, true);
});

test('a token that was tampered with is refused', async () => {
  const { token } = await newCustomer();
  await call('GET', '/api/users/profile/', { token: `${token}x`, expect: 401 });
});

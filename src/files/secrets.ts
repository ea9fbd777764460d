import { createHmac, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The user's key: 32 random bytes, created once, readable only by this user. */
export async function userKey(stateFolder: string): Promise<Uint8Array> {
  const path = join(stateFolder, 'key');
  const known = await readFile(path).catch(() => null);
  if (known && known.length === 32) return known;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, randomBytes(32), { flag: 'wx', mode: 0o600 });
  await chmod(draft, 0o600);
  // Linking fails if another process was first; then its key is used.
  await link(draft, path).catch(() => undefined);
  await unlink(draft);
  return readFile(path);
}

/** A password of 24 characters from `[A-Za-z0-9]`, the same for the same key and parameter. It starts with a letter. */
export function deriveSecret(
  key: Uint8Array,
  target: { readonly instance: string; readonly service: string; readonly parameter: string },
): string {
  const digest = createHmac('sha256', key)
    .update([target.instance, target.service, target.parameter].join('\0'))
    .digest();
  const letters = [...digest.subarray(0, 24)].map(
    (byte, index) => alphabet[byte % (index === 0 ? 52 : alphabet.length)],
  );
  return letters.join('');
}

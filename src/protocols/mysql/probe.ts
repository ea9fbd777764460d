import { never, type ProbeResult, ready, type ServiceAccess } from '../../model/protocol.js';
import { ATTEMPT_MS, attempt } from '../shared/attempt.js';
import { codeOf, messageOf } from '../shared/errors.js';
import { newConnection } from './session.js';

/**
 * Ready when the app's user gets an answer over TCP. While the images initialize, their temporary server accepts no
 * network connections, and a server that only answers may still refuse the user.
 */
export async function probeMysql(access: ServiceAccess): Promise<ProbeResult> {
  return attempt(access, async (at, signal) => {
    const connection = newConnection(access, { at, signal, connectMs: ATTEMPT_MS });
    try {
      await connection.promise().query('SELECT 1');
      await connection.promise().end();
      return ready;
    } catch (error) {
      if (final.has(codeOf(error) ?? '')) return never(messageOf(error));
      throw error;
    }
  });
}

/** The image creates its users before it listens: a refused user is final, a database may still be created. */
const final: ReadonlySet<string> = new Set([
  'ER_ACCESS_DENIED_ERROR',
  'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
  'ER_HOST_NOT_PRIVILEGED',
]);

import type { ProbeResult, ServiceAccess } from '../../model/protocol.js';
import { ATTEMPT_MS, attempt, codeOf, never, ready, words } from '../shared/attempt.js';
import { newConnection } from './session.js';

/**
 * Ready when the app's user gets an answer over TCP: while the images initialise, their temporary server takes no network connections, and
 * a server that merely answers may still refuse the user.
 */
export async function probeMysql(reach: ServiceAccess): Promise<ProbeResult> {
  return attempt(reach, async (at, signal) => {
    const connection = newConnection(reach, { at, signal, connectMs: ATTEMPT_MS });
    try {
      await connection.promise().query('SELECT 1');
      await connection.promise().end();
      return ready;
    } catch (error) {
      if (hopeless.has(codeOf(error) ?? '')) return never(words(error));
      throw error;
    }
  });
}

/** The image itself makes its users before it listens to the network, so who is refused now stays so; a database may still be made. */
const hopeless: ReadonlySet<string> = new Set([
  'ER_ACCESS_DENIED_ERROR',
  'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
  'ER_HOST_NOT_PRIVILEGED',
]);

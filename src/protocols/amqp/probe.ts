import { connect } from 'amqplib';
import { never, notYet, type ProbeResult, ready, type ServiceAccess } from '../../model/protocol.js';
import { ATTEMPT_MS, attempt } from '../shared/attempt.js';
import { messageOf } from '../shared/errors.js';
import { login } from '../shared/login.js';

/** Ready when a channel opens on the virtual host: the port answers seconds before users and hosts exist. */
export async function probeAmqp(access: ServiceAccess): Promise<ProbeResult> {
  return attempt(access, async (at, signal) => {
    const { user, password, database } = login(access);
    const vhost = String(access.parameters.vhost ?? (database || '/'));
    const credentials = user === '' ? {} : { username: user, password };
    // The driver passes options it does not know on to net.connect, so the signal gets there too.
    const socket = { timeout: ATTEMPT_MS, signal };
    try {
      const connection = await connect(
        { hostname: at.host, port: at.port, vhost: encodeURIComponent(vhost), heartbeat: 0, ...credentials },
        socket,
      );
      connection.on('error', () => undefined);
      await connection.createChannel();
      await connection.close();
      return ready;
    } catch (error) {
      return refused(error, vhost);
    }
  });
}

/** A booting broker creates users before listeners: a refused login is final, a virtual host may still be created. */
function refused(error: unknown, vhost: string): ProbeResult {
  const message = messageOf(error).replace(/^Handshake terminated by server: /, '');
  if (/ACCESS[-_]REFUSED/.test(message)) return never(message);
  // The driver drops the server's message here.
  if (message.includes('got <ConnectionClose'))
    return notYet(`virtual host "${vhost}" does not exist, or this user may not use it`);
  throw error;
}

import { connect } from 'amqplib';
import type { ProbeResult, Protocol, ServiceAccess } from '../../model/protocol.js';
import { ATTEMPT_MS, attempt, never, notYet, ready, words } from '../shared/attempt.js';
import { login } from '../shared/login.js';

export const amqp: Protocol = { name: 'amqp', seeds: {}, probe };

/** Ready when a channel opens on the virtual host: the port answers seconds before users and hosts are there. */
async function probe(reach: ServiceAccess): Promise<ProbeResult> {
  return attempt(reach, async (at, signal) => {
    const { user, password, database } = login(reach);
    const vhost = String(reach.parameters.vhost ?? (database || '/'));
    const credentials = user === '' ? {} : { username: user, password };
    // The driver hands what it does not know on to net.connect, the signal too.
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

/** Users come before listeners when a broker boots, so a refused login stays one; a virtual host may still be made. */
function refused(error: unknown, vhost: string): ProbeResult {
  const said = words(error).replace(/^Handshake terminated by server: /, '');
  if (/ACCESS[-_]REFUSED/.test(said)) return never(said);
  // The driver drops the server's words here.
  if (said.includes('got <ConnectionClose'))
    return notYet(`virtual host "${vhost}" is not there, or not for this user`);
  throw error;
}

/** Runs in a container with the engine's socket: brings up an instance, reaches its service and removes it. */
import { connect } from 'node:net';
import type { Address } from '../../../src/model/connection.js';
import { contextOf, engineOf, environmentOf } from '../../testing/compose-prepared.js';
import { bind } from '../../testing/environments.js';
import { until } from '../../testing/until.js';

const [instance = '', image = ''] = process.argv.slice(2);
const engine = engineOf();
const context = contextOf();
const environment = environmentOf({
  id: instance,
  services: {
    cache: { compose: { image, command: ['redis-server', '--protected-mode', 'no'] }, ports: { main: 6379 } },
  },
});
const reserve = [{ service: 'cache', port: 'main' }];
const preparation = await engine.prepare(environment, { observed: [], reserve, images: 'make', pull: false }, context);
const prepared = bind(environment, preparation);
await engine.create(prepared, ['cache'], context);
const [seen] = await engine.start(prepared, 'cache', context);
const planned = preparation.outside.cache?.main;
const current = seen?.outside.main;
const results = { planned: await reach(planned), current: await reach(current) };
const { left } = await engine.remove(instance, { graceMs: 0, data: 'remove' }, context.signal);
const notices = context.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));
console.log(JSON.stringify({ planned, current, results, notices, left }));
process.exit(0);

function reach(address: Address | undefined): Promise<string> {
  const attempt = (): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(address?.port ?? 0, address?.host ?? '', () => resolve('connected'));
      socket.on('error', (error) => resolve(error.message));
    });
  return until(attempt, (result) => result === 'connected');
}

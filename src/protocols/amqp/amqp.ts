import type { Protocol } from '../../model/protocol.js';
import { probeAmqp } from './probe.js';

/** RabbitMQ and other AMQP 0-9-1 brokers. */
export const amqp: Protocol = { name: 'amqp', probe: probeAmqp, seeds: {} };

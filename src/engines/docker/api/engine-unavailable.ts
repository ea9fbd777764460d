import { EnvctlError } from '../../../model/errors.js';
import type { Endpoint } from './endpoint.js';

/** ENGINE_UNAVAILABLE with the reason and a remedy that fits it. */
export function engineUnavailable(endpoint: Endpoint, cause: unknown): EnvctlError {
  const reason = reasonFor(cause);
  return new EnvctlError(
    'ENGINE_UNAVAILABLE',
    `The Docker Engine at ${endpoint.url} (from ${endpoint.origin}) ${reason.text}`,
    { hint: reason.hint(endpoint), cause },
  );
}

interface UnavailableReason {
  readonly text: string;
  readonly hint: (endpoint: Endpoint) => string;
}

const startEngine = (endpoint: Endpoint): string =>
  endpoint.origin.startsWith('the default')
    ? 'Start Docker (`systemctl start docker`, or Docker Desktop), ' +
      'or set DOCKER_HOST or DOCKER_CONTEXT to another engine.'
    : `Start that engine, or change ${endpoint.origin}.`;

const joinGroup = (): string =>
  'Add yourself to the group that owns the socket (`sudo usermod -aG docker $USER`, then log in again), ' +
  'or use a rootless engine.';

const reasons: Readonly<Record<string, UnavailableReason>> = {
  ENOENT: { text: 'does not exist: no such socket', hint: startEngine },
  ECONNREFUSED: { text: 'refuses connections', hint: startEngine },
  EACCES: { text: 'cannot be used: permission denied', hint: joinGroup },
  EPERM: { text: 'cannot be used: permission denied', hint: joinGroup },
  ENOTFOUND: { text: 'cannot be reached: unknown host name', hint: startEngine },
  ETIMEDOUT: { text: 'does not answer', hint: startEngine },
};

function reasonFor(cause: unknown): UnavailableReason {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const message = cause instanceof Error ? cause.message : String(cause);
  const isVersion = /client version|API version/i.test(message);
  const hint = isVersion ? () => 'Unset DOCKER_API_VERSION, or use an engine that supports that version.' : startEngine;
  return reasons[code] ?? { text: `cannot be used: ${message}`, hint };
}

import { EnvctlError } from '../../model/errors.js';
import type { ProcessResult } from '../../processes/run-process.js';
import type { Endpoint } from '../docker/api/endpoint.js';
import { engineUnavailable } from '../docker/api/engine-unavailable.js';
import { engineFailure, type FailureContext, firstLine, locationOf } from '../docker/containers/engine-failure.js';

export interface ComposeFailureContext extends FailureContext {
  readonly instance: string;
  readonly endpoint: Endpoint;
}

/** The error for a failed `docker compose` command; `detail` holds all of its output. */
export function composeFailure(result: ProcessResult, context: ComposeFailureContext): EnvctlError {
  const text = withoutProgress(result.stderr);
  if (result.end === 'timed out') return composeTimedOut(text);
  if (lostEngine.test(text)) return engineUnavailable(context.endpoint, new Error(text));
  const service = serviceIn(text, context);
  const subject = service === undefined ? 'the environment' : `service "${service}"`;
  return (
    engineFailure(text, context, service) ??
    new EnvctlError('COMPOSE_REFUSED', `Docker Compose refuses ${subject}: ${firstLine(text)}`, {
      hint:
        'envctl passes this key on to Compose unchanged. ' +
        'See https://docs.docker.com/reference/compose-file/services/ for its form.',
      detail: text,
      ...locationOf(service, context, text),
    })
  );
}

const lostEngine =
  /Cannot connect to the Docker daemon|error during connect|client version|permission denied while trying to connect/i;

function composeTimedOut(detail: string): EnvctlError {
  return new EnvctlError('ENGINE_UNAVAILABLE', 'Docker Compose did not finish in time and was stopped', {
    hint:
      'The engine may be overloaded or stuck: try `docker ps`. ' +
      'The next `envctl up` replaces containers that were created halfway.',
    detail,
  });
}

/** Compose's error messages without its progress lines and warnings. */
function withoutProgress(stderr: string): string {
  const progress = /^ (Container|Network|Volume) .*(Creating|Created|Recreate|Running|Error)\s*$/;
  return stderr
    .split('\n')
    .filter((line) => !progress.test(line) && !/level=warning/.test(line))
    .join('\n')
    .replaceAll('Error response from daemon: ', '')
    .replace(/^validating -: /m, '')
    .trim();
}

/** Compose refers to a service as `services.a.x`, `services.a `, `services[a]`, `service "a"` or its container. */
function serviceIn(text: string, { instance, services }: ComposeFailureContext): string | undefined {
  const longestFirst = services.map(({ name }) => name).sort((a, b) => b.length - a.length);
  return longestFirst.find((name) =>
    [`services.${name}.`, `services.${name} `, `services[${name}]`, `service "${name}"`, `${instance}-${name}-`].some(
      (form) => text.includes(form),
    ),
  );
}

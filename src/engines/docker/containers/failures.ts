import { EnvctlError } from '../../../model/errors.js';
import type { Position } from '../../../model/profile.js';
import type { Service } from '../../../model/service.js';
import type { ProcessResult } from '../../../processes/run-process.js';
import type { Connected } from '../api/client.js';
import { unavailable } from '../api/ping.js';
import { rules } from './error-patterns.js';

/** What is known about the project when Compose or the engine refuses something. */
export interface Subject {
  readonly instance: string;
  readonly connected: Connected;
  readonly services: readonly Pick<Service, 'name' | 'position' | 'keyPositions'>[];
}

/** The error for a Compose call that failed; everything it wrote stands in `detail`. */
export function composeFailure(result: ProcessResult, subject: Subject): EnvctlError {
  const words = plainWords(result.stderr);
  if (result.end === 'timed out') return timedOut(words);
  if (
    /Cannot connect to the Docker daemon|error during connect|client version|permission denied while trying to connect/i.test(
      words,
    )
  ) {
    return unavailable(subject.connected.endpoint, new Error(words));
  }
  const error = engineFailure(words, subject, serviceIn(words, subject));
  if (error !== null) return error;
  const service = serviceIn(words, subject);
  return new EnvctlError(
    'COMPOSE_REFUSED',
    `Docker Compose refuses ${service === undefined ? 'this' : `service "${service}"`}: ${firstLine(words)}`,
    {
      hint: 'The key is passed on to Compose as it stands; see https://docs.docker.com/reference/compose-file/services/ for its form.',
      detail: words,
      ...placed(subject, service, words),
    },
  );
}

/** The error for words of the engine that a user can do something about; null: none of the known ones. */
export function engineFailure(
  words: string,
  subject: Pick<Subject, 'services'>,
  service: string | undefined,
): EnvctlError | null {
  for (const { when, code, message, hint } of rules) {
    const found = when.exec(words);
    if (found === null) continue;
    const told = message(found, words);
    const text = service === undefined || /^The |^A |^Image /.test(told) ? told : `Service "${service}": ${told}`;
    return new EnvctlError(code, text, { hint, detail: words, ...placed(subject, service) });
  }
  return null;
}

/** SERVICE_FAILED with the engine's words, where nothing more is known. */
export function startFailure(words: string, subject: Pick<Subject, 'services'>, service: string): EnvctlError {
  const known = engineFailure(words, subject, service);
  if (known !== null) return known;
  return new EnvctlError('SERVICE_FAILED', `Service "${service}" cannot be started: ${firstLine(words)}`, {
    hint: 'These are the engine’s own words; `envctl config` shows what the service was made of.',
    detail: words,
    ...placed(subject, service),
  });
}

function timedOut(words: string): EnvctlError {
  return new EnvctlError('ENGINE_UNAVAILABLE', 'Docker Compose did not finish in time and was stopped', {
    hint: 'The engine may be overloaded or stuck: try `docker ps`. What was half created is replaced by the next `envctl up`.',
    detail: words,
  });
}

/** Compose's error without its progress lines. */
function plainWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter(
      (line) =>
        !/^ (Container|Network|Volume) .*(Creating|Created|Recreate|Running|Error)\s*$/.test(line) &&
        !/level=warning/.test(line),
    );
  return lines
    .join('\n')
    .replaceAll('Error response from daemon: ', '')
    .replace(/^validating -: /m, '')
    .trim();
}

function firstLine(words: string): string {
  const line = words.split('\n').find((text) => text.trim() !== '' && !/^decoding failed/.test(text));
  return line ?? 'it gave no reason';
}

/** Compose names services in four ways: `services.a.x`, `services[a]`, `service "a"` and by container. */
function serviceIn(words: string, subject: Subject): string | undefined {
  const byLength = [...subject.services].sort((a, b) => b.name.length - a.name.length);
  return byLength.find(({ name }) =>
    [
      `services.${name}.`,
      `services.${name} `,
      `services[${name}]`,
      `service "${name}"`,
      `${subject.instance}-${name}-`,
    ].some((form) => words.includes(form)),
  )?.name;
}

/** At the key that the words name (`services.a.cpus must be …`), else at the service. */
function placed(
  subject: Pick<Subject, 'services'>,
  service: string | undefined,
  words = '',
): { service?: string; position?: Position } {
  const found = subject.services.find(({ name }) => name === service);
  const named = [`services.${service}.`, `services[${service}].`]
    .map((form) => words.split(form)[1])
    .find((rest) => rest !== undefined);
  const key = named?.match(/^\w+/)?.[0] ?? '';
  const position = found?.keyPositions[key] ?? found?.position;
  return { ...(service === undefined ? {} : { service }), ...(position === undefined ? {} : { position }) };
}

import { EnvctlError } from '../../../model/errors.js';
import type { Position } from '../../../model/profile.js';
import type { Service } from '../../../model/service.js';
import { errorPatterns } from './error-patterns.js';

/** Services that a failure may be about, as far as messages need them. */
export interface FailureContext {
  readonly services: readonly Pick<Service, 'name' | 'position' | 'keyPositions'>[];
}

/** The error for a message of the engine (or of Compose) that users can do something about; null: unknown message. */
export function engineFailure(text: string, context: FailureContext, service: string | undefined): EnvctlError | null {
  for (const { pattern, code, about, message, hint } of errorPatterns) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const headline = message(match, text);
    return new EnvctlError(
      code,
      service === undefined || about === 'engine' ? headline : `Service "${service}": ${headline}`,
      { hint, detail: text, ...locationOf(service, context) },
    );
  }
  return null;
}

/** The error for a refused start: a known one, else SERVICE_FAILED with the engine's message. */
export function startFailure(text: string, context: FailureContext, service: string): EnvctlError {
  return (
    engineFailure(text, context, service) ??
    new EnvctlError('SERVICE_FAILED', `Service "${service}" cannot be started: ${firstLine(text)}`, {
      hint: 'This is the message of the engine. `envctl config` shows how the service is defined.',
      detail: text,
      ...locationOf(service, context),
    })
  );
}

export function firstLine(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '' && !/^decoding failed/.test(each));
  return line ?? 'no reason given';
}

/** The service and its position; that of a key if `text` refers to one (`services.a.cpus must be …`). */
export function locationOf(
  service: string | undefined,
  { services }: FailureContext,
  text = '',
): { readonly service?: string; readonly position?: Position } {
  if (service === undefined) return {};
  const found = services.find(({ name }) => name === service);
  const rest = [`services.${service}.`, `services[${service}].`]
    .map((prefix) => text.split(prefix)[1])
    .find((each) => each !== undefined);
  const key = rest?.match(/^\w+/)?.[0] ?? '';
  const position = found?.keyPositions[key] ?? found?.position;
  return { service, ...(position === undefined ? {} : { position }) };
}

/** Turns a mapping's `response` into mockttp's. */
import type { requestSteps } from 'mockttp';
import type { Json } from '../../../model/json.js';
import { refuse } from './refusal.js';
import { mapAt, numberAt, onlyKeys, textAt } from './shape.js';

const keys = [
  'status',
  'statusMessage',
  'headers',
  'body',
  'jsonBody',
  'base64Body',
  'fixedDelayMilliseconds',
  'fault',
];

export interface StubAnswer {
  readonly delayMs: number;
  /** `close`, `reset`: the connection ends without an answer. */
  readonly result: Awaited<ReturnType<requestSteps.CallbackStep['callback']>>;
}

type ResponseDefinition = Readonly<Record<string, Json>>;

export function answerOf(value: Json | undefined, pointer: string): StubAnswer {
  const response = mapAt(value, pointer);
  onlyKeys(response, pointer, keys);
  return {
    delayMs: numberAt(response.fixedDelayMilliseconds, `${pointer}/fixedDelayMilliseconds`, 0),
    result: resultOf(response, pointer),
  };
}

function resultOf(response: ResponseDefinition, pointer: string): StubAnswer['result'] {
  if (response.fault === 'EMPTY_RESPONSE') return 'close';
  if (response.fault === 'CONNECTION_RESET_BY_PEER') return 'reset';
  if (response.fault !== undefined)
    return refuse(`${pointer}/fault`, 'must be EMPTY_RESPONSE or CONNECTION_RESET_BY_PEER');
  const rawBody = bodyOf(response, pointer);
  return {
    statusCode: numberAt(response.status, `${pointer}/status`, 200),
    ...(response.statusMessage === undefined
      ? {}
      : { statusMessage: textAt(response.statusMessage, `${pointer}/statusMessage`) }),
    // With given headers mockttp adds no length, and clients would wait for the connection to close.
    headers: { 'content-length': String(rawBody.length), ...headersOf(response, pointer) },
    rawBody,
  };
}

function bodyOf({ body, jsonBody, base64Body }: ResponseDefinition, pointer: string): Buffer {
  if (jsonBody !== undefined) return Buffer.from(JSON.stringify(jsonBody));
  if (base64Body !== undefined) return Buffer.from(textAt(base64Body, `${pointer}/base64Body`), 'base64');
  return Buffer.from(body === undefined ? '' : textAt(body, `${pointer}/body`));
}

function headersOf(response: ResponseDefinition, pointer: string): Record<string, string | string[]> {
  const headersPointer = `${pointer}/headers`;
  const headerValue = (value: Json, name: string): string | string[] =>
    Array.isArray(value)
      ? value.map((one: Json) => textAt(one, `${headersPointer}/${name}`))
      : textAt(value, `${headersPointer}/${name}`);
  return Object.fromEntries(
    Object.entries(mapAt(response.headers, headersPointer)).map(([name, value]) => [name, headerValue(value, name)]),
  );
}

/** One event a line, for programs: NDJSON with `version` 1. */
import { EnvctlError } from '../model/errors.js';
import type { EnvEvent } from '../model/events.js';
import type { Clock } from './clock.js';
import type { Renderer } from './renderer-types.js';

interface JsonOptions {
  readonly write: (text: string) => unknown;
  readonly mask: (text: string) => string;
  readonly clock: Clock;
}

/** Lines of `{"version":1,"time":"<ISO>","type":…}`: the event's own fields, errors as `EnvctlError.toJSON` gives them. */
export function jsonRenderer({ write, mask, clock }: JsonOptions): Renderer {
  return {
    emit: (event) => {
      write(`${maskedJson({ version: 1, time: clock.date().toISOString(), ...shown(event) }, mask)}\n`);
    },
    close: async () => {},
  };
}

/** JSON on one line, every string in it masked; harmless on a terminal, since no control character is left unescaped. */
export function maskedJson(value: unknown, mask: (text: string) => string): string {
  const text = JSON.stringify(value, (key, part: unknown) =>
    typeof part === 'string' ? maskedUnder(key, part, mask) : part,
  );
  return text.replace(/[\u007f-\u009f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

/** A value is masked together with its name, since a password may be a word that is no secret elsewhere. */
export function maskedUnder(name: string, value: string, mask: (text: string) => string): string {
  const pair = mask(`${name}=${value}`);
  return pair.startsWith(`${name}=`) ? pair.slice(name.length + 1) : mask(value);
}

/** `{"error":{…}}`: the answer of a failed command where JSON was asked for. A bug has the code `BUG` and its stack. */
export function errorJson(error: unknown, mask: (text: string) => string): string {
  if (error instanceof EnvctlError) return maskedJson({ error }, mask);
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return maskedJson(
    {
      error: {
        code: 'BUG',
        message,
        hint: 'This is a bug in envctl. Please report it, with its stack.',
        exitCode: 1,
        stack,
      },
    },
    mask,
  );
}

/** Says of every event that it may be given out as it is: a new one has to be looked at here. */
function shown(event: EnvEvent): object {
  switch (event.type) {
    case 'begin':
    case 'notice':
    case 'warning':
    case 'substitution':
    case 'image':
    case 'step':
    case 'waiting':
    case 'seeding':
    case 'ready':
    case 'removed':
    case 'failed':
    case 'end':
      return event;
    default:
      return event satisfies never;
  }
}

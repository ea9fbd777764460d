/** Events as NDJSON, for programs. */
import { EnvctlError } from '../model/errors.js';
import type { Clock } from './clock.js';
import type { Renderer } from './renderer-types.js';

interface JsonOptions {
  readonly write: (text: string) => unknown;
  readonly mask: (text: string) => string;
  readonly clock: Clock;
}

/** Lines of `{"version":1,"time":"<ISO>","type":…}` with the fields of the event; errors as in `EnvctlError.toJSON`. */
export function jsonRenderer({ write, mask, clock }: JsonOptions): Renderer {
  return {
    emit: (event) => {
      write(`${maskedJson({ version: 1, time: clock.date().toISOString(), ...event }, mask)}\n`);
    },
    close: async () => {},
  };
}

/** JSON on one line, all strings masked and all control characters escaped. */
export function maskedJson(value: unknown, mask: (text: string) => string): string {
  const text = JSON.stringify(value, (key, part: unknown) =>
    typeof part === 'string' ? maskedUnder(key, part, mask) : part,
  );
  return text.replace(/[\u007f-\u009f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

/** Masks a value together with its name: a short password is only a secret next to its name. */
export function maskedUnder(name: string, value: string, mask: (text: string) => string): string {
  const pair = mask(`${name}=${value}`);
  return pair.startsWith(`${name}=`) ? pair.slice(name.length + 1) : mask(value);
}

/** `{"error":{…}}`: the output of a failed command with `--output json`. A bug has the code `BUG` and its stack. */
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

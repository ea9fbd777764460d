/** Only what went wrong. */
import type { EnvEvent } from '../model/events.js';
import type { Renderer } from './renderer-types.js';
import { oneLine } from './text.js';

interface QuietOptions {
  readonly write: (text: string) => unknown;
  readonly mask: (text: string) => string;
}

export function quietRenderer({ write, mask }: QuietOptions): Renderer {
  return {
    emit: (event) => {
      const said = complaint(event);
      if (said !== null) write(`${oneLine(mask(said))}\n`);
    },
    close: async () => {},
  };
}

function complaint(event: EnvEvent): string | null {
  switch (event.type) {
    case 'warning':
      return `warning: ${event.text}`;
    // The command ends with the error itself.
    case 'failed':
    case 'begin':
    case 'notice':
    case 'substitution':
    case 'image':
    case 'step':
    case 'waiting':
    case 'seeding':
    case 'ready':
    case 'removed':
    case 'end':
      return null;
    default:
      return event satisfies never;
  }
}

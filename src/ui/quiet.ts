/** Shows warnings only; the command itself reports its error. */
import type { Renderer } from './renderer-types.js';
import { oneLine } from './text.js';

interface QuietOptions {
  readonly write: (text: string) => unknown;
  readonly mask: (text: string) => string;
}

export function quietRenderer({ write, mask }: QuietOptions): Renderer {
  return {
    emit: (event) => {
      if (event.type === 'warning') write(`${oneLine(mask(`warning: ${event.text}`))}\n`);
    },
    close: async () => {},
  };
}

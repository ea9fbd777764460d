/** The choice of a renderer. */
import type { Clock } from './clock.js';
import { systemClock } from './clock.js';
import { paintFor } from './color.js';
import type { OutputStream, Renderer } from './renderer-types.js';

export const progressChoices = ['auto', 'tty', 'plain', 'json', 'quiet'] as const;
export type ProgressChoice = (typeof progressChoices)[number];

export interface RendererOptions {
  readonly progress: ProgressChoice;
  readonly stream: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Hides the secrets that are known at the time of the call. */
  readonly mask: (text: string) => string;
  readonly clock?: Clock;
}

/** `auto`: a live list on an interactive terminal, else lines. */
export function rendererKind({
  progress,
  stream,
  env,
}: Omit<RendererOptions, 'mask' | 'clock'>): Exclude<ProgressChoice, 'auto'> {
  if (progress !== 'auto') return progress;
  const automated = !['', '0', 'false', undefined].includes(env.CI);
  return stream.isTTY === true && !automated && env.TERM !== 'dumb' ? 'tty' : 'plain';
}

/** Loads only the chosen renderer. */
export async function chooseRenderer(options: RendererOptions): Promise<Renderer> {
  const { stream, env, mask, clock = systemClock } = options;
  const write = (text: string): unknown => stream.write(text);
  switch (rendererKind(options)) {
    case 'tty':
      return (await import('./tty.js')).ttyRenderer({ stream, mask, clock, paint: await paintFor(stream, env) });
    case 'plain':
      return (await import('./plain.js')).plainRenderer({ write, mask, clock });
    case 'json':
      return (await import('./json.js')).jsonRenderer({ write, mask, clock });
    case 'quiet':
      return (await import('./quiet.js')).quietRenderer({ write, mask });
  }
}

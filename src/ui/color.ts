import type { ProcessEnv } from '../model/host.js';

type Painter = (text: string) => string;

/** One function per color; without color each returns its text. */
export interface Paint {
  readonly red: Painter;
  readonly green: Painter;
  readonly yellow: Painter;
  readonly cyan: Painter;
  readonly dim: Painter;
  readonly bold: Painter;
}

const unpainted: Painter = (text) => text;
export const noPaint: Paint = {
  red: unpainted,
  green: unpainted,
  yellow: unpainted,
  cyan: unpainted,
  dim: unpainted,
  bold: unpainted,
};

/** FORCE_COLOR decides, then NO_COLOR (no-color.org), then whether the stream is a terminal that is not dumb. */
export function wantsColor(stream: { readonly isTTY?: boolean | undefined }, env: ProcessEnv): boolean {
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  if (env.NO_COLOR) return false;
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** The colors for a stream. Loads chalk only if the stream gets colors. */
export async function paintFor(stream: { readonly isTTY?: boolean | undefined }, env: ProcessEnv): Promise<Paint> {
  if (!wantsColor(stream, env)) return noPaint;
  const { Chalk } = await import('chalk');
  // Level 1: the sixteen colors of the terminal's own theme, which are readable on its background.
  const { red, green, yellow, cyan, dim, bold } = new Chalk({ level: 1 });
  return { red, green, yellow, cyan, dim, bold };
}

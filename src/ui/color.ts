type Painter = (text: string) => string;

/** Colours by what they mean here; without colour each gives its text back. */
export interface Paint {
  readonly red: Painter;
  readonly green: Painter;
  readonly yellow: Painter;
  readonly cyan: Painter;
  readonly dim: Painter;
  readonly bold: Painter;
}

const asItIs: Painter = (text) => text;
export const noPaint: Paint = { red: asItIs, green: asItIs, yellow: asItIs, cyan: asItIs, dim: asItIs, bold: asItIs };

type Environment = Readonly<Record<string, string | undefined>>;

/** FORCE_COLOR decides, else NO_COLOR (no-color.org), else whether it is a terminal that is not dumb. */
export function wantsColor(stream: { readonly isTTY?: boolean | undefined }, env: Environment): boolean {
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  if (env.NO_COLOR) return false;
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** The colours for a stream; loads nothing where there are none. */
export async function paintFor(stream: { readonly isTTY?: boolean | undefined }, env: Environment): Promise<Paint> {
  if (!wantsColor(stream, env)) return noPaint;
  const { Chalk } = await import('chalk');
  // Level 1 is the terminal's own sixteen colours, which people have chosen to be readable.
  const { red, green, yellow, cyan, dim, bold } = new Chalk({ level: 1 });
  return { red, green, yellow, cyan, dim, bold };
}

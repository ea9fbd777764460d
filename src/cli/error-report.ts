import type { CliContext } from './context.js';

/** An error in a person's words, on stderr. */
export async function reportText(error: unknown, context: CliContext, verbose: 'yes' | 'no'): Promise<void> {
  const [{ errorText }, { paintFor }] = await Promise.all([import('../ui/errors.js'), import('../ui/color.js')]);
  const paint = await paintFor(context.stderr, context.env);
  context.stderr.write(
    errorText(error, { paint, mask: context.mask, detail: verbose === 'yes' ? 'whole' : 'short', cwd: process.cwd() }),
  );
}

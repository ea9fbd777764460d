import type { CliContext } from './context.js';

/** Writes an error for a person to stderr. */
export async function reportText(
  error: unknown,
  context: CliContext,
  { verbose }: { readonly verbose: boolean },
): Promise<void> {
  const [{ errorText }, { paintFor }] = await Promise.all([import('../ui/errors.js'), import('../ui/color.js')]);
  const paint = await paintFor(context.stderr, context.env);
  const detail = verbose ? 'whole' : 'short';
  context.stderr.write(errorText(error, { paint, mask: context.mask, detail, cwd: context.cwd }));
}

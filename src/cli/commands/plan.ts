import { resolveFor } from '../../app/bring-up.js';
import { openForReading, upDependencies } from '../../app/session.js';
import { secretValues } from '../../connections/masking.js';
import { renderPlan } from '../../plan/plan.js';
import { planEnvironment } from '../../run/up.js';
import type { CliContext } from '../context.js';
import { openScreen } from '../screen.js';
import { bringUpOptions, type UpCommandOptions } from './up.js';

/** `envctl plan`: looks, at local images too, and changes nothing. */
export async function planCommand(
  profile: string | undefined,
  services: readonly string[],
  options: UpCommandOptions,
  context: CliContext,
): Promise<number> {
  const screen = await openScreen({ ...options, output: 'text' }, context);
  try {
    const session = await openForReading(profile, options, context);
    const environment = await resolveFor(
      session,
      { ...bringUpOptions(options, context), services, reuse: 'reconcile' },
      context,
    );
    const { plan } = await planEnvironment(environment, upDependencies(session, screen.emit, context.signal), {
      observed: session.observed,
      secrets: secretValues(environment),
      reuse: 'reconcile',
      named: services,
      wholeProfile: services.length === 0 && (options.without ?? []).length === 0,
      images: 'local',
      pull: false,
    });
    context.stdout.write(
      options.output === 'json' ? `${JSON.stringify({ version: 1, ...plan })}\n` : `${renderPlan(plan)}\n`,
    );
    return 0;
  } finally {
    await screen.close();
  }
}

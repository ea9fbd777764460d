import { askEngines, type EngineOptions, engineNames, loadEngine } from '../engines/registry.js';
import { lastEngine } from '../files/instance-directory.js';
import type { Engine, KeptStore } from '../model/engine.js';
import { EnvctlError } from '../model/errors.js';
import type { Observed } from '../model/observed.js';
import type { InstanceIdentity } from './locate-instance.js';

export interface EngineChoice {
  readonly engine: Engine;
  readonly observed: readonly Observed[];
  /** Where nothing runs: data of the instance that was kept when its services went. */
  readonly kept: readonly KeptStore[];
  /** A line for the screen where `auto` chose for a new instance; null: nothing was chosen. */
  readonly why: string | null;
  /** Engines that may be tried instead while the instance is new and nobody asked for this one. */
  readonly others: readonly string[];
}

export interface ChooseOptions {
  readonly wanted: string;
  readonly identity: InstanceIdentity;
  readonly engines: EngineOptions;
  readonly signal: AbortSignal;
}

/**
 * The engine that already runs the instance, else the one that is wanted; `auto` takes the one that keeps data of it, else the first that answers.
 * Throws ENGINE_UNAVAILABLE where the engine that last ran the instance does not answer.
 */
export async function chooseEngine({ wanted, identity, engines, signal }: ChooseOptions): Promise<EngineChoice> {
  if (wanted !== 'auto') return withObserved(await loadEngine(wanted, engines), identity, signal);
  const last = await lastEngine(identity.project, identity.id);
  if (last !== null && engineNames.includes(last)) {
    const known = await withObserved(await loadEngine(last, engines), identity, signal);
    if (known.observed.length > 0 || known.kept.length > 0) return known;
  }
  const asked = await askEngines(engines);
  const answers = asked.filter((answer) => answer.usable);
  const looked = await Promise.all(
    answers.map(async (answer) => withObserved(await loadEngine(answer.name, engines), identity, signal)),
  );
  const running = looked.find((choice) => choice.observed.length > 0);
  if (running) return running;
  const keeper = looked.find((choice) => choice.kept.length > 0);
  if (keeper === looked[0] && keeper) return { ...keeper, why: reasonFor(keeper.engine.name, asked) };
  if (keeper) return { ...keeper, why: `engine ${keeper.engine.name} is used: it keeps data of this instance` };
  const [first, ...others] = looked;
  if (first)
    return { ...first, why: reasonFor(first.engine.name, asked), others: others.map((choice) => choice.engine.name) };
  const [preferred = 'compose'] = engineNames;
  const engine = await loadEngine(preferred, engines);
  await engine.ping(signal);
  throw new EnvctlError('ENGINE_UNAVAILABLE', 'no engine answers', { hint: 'Start Docker, or set DOCKER_HOST.' });
}

async function withObserved(engine: Engine, identity: InstanceIdentity, signal: AbortSignal): Promise<EngineChoice> {
  const observed = await engine.observe(identity.id, signal);
  return {
    engine,
    observed,
    kept: observed.length > 0 ? [] : await engine.kept(identity.id, signal),
    why: null,
    others: [],
  };
}

/** Said only where the preferred engine was passed over. */
function reasonFor(chosen: string, answers: Awaited<ReturnType<typeof askEngines>>): string | null {
  const refused = answers.filter(
    (answer) => !answer.usable && engineNames.indexOf(answer.name) < engineNames.indexOf(chosen),
  );
  return refused.length === 0 ? null : `engine ${chosen} is used: ${refused.map((answer) => answer.why).join('; ')}`;
}

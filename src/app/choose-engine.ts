import { checkEngines, type EngineOptions, engineNames, loadEngine } from '../engines/registry.js';
import { lastEngine } from '../files/instance-directory.js';
import type { Engine, KeptStore } from '../model/engine.js';
import { EnvctlError } from '../model/errors.js';
import type { Observed } from '../model/observed.js';
import type { InstanceIdentity } from './locate-instance.js';

export interface EngineChoice {
  readonly engine: Engine;
  /** The instance's replicas when the engine was chosen. */
  readonly observed: readonly Observed[];
  /** The instance's kept data; empty while any of its services exists. */
  readonly kept: readonly KeptStore[];
  /** Why `auto` did not choose the preferred engine; null: nothing to explain. */
  readonly reason: string | null;
  /** Engines to try next if this one cannot run a new instance; empty if the user asked for this one. */
  readonly fallbacks: readonly string[];
}

export interface ChooseOptions {
  /** An engine's name or `auto`. */
  readonly wanted: string;
  readonly identity: InstanceIdentity;
  readonly engines: EngineOptions;
  readonly signal: AbortSignal;
}

/**
 * The wanted engine. `auto` prefers the engine that ran the instance last, then one that runs it, then one that has
 * kept data of it, then the first that answers. Throws ENGINE_UNAVAILABLE if the engine that ran it last does not.
 */
export async function chooseEngine({ wanted, identity, engines, signal }: ChooseOptions): Promise<EngineChoice> {
  const look = async (name: string): Promise<EngineChoice> =>
    observeInstance(await loadEngine(name, engines), identity, signal);
  if (wanted !== 'auto') return look(wanted);

  const last = await lastEngine(identity.project, identity.id);
  if (last !== null && engineNames.includes(last)) {
    const choice = await look(last);
    if (choice.observed.length > 0 || choice.kept.length > 0) return choice;
  }

  const answers = await checkEngines(engines);
  const choices = await Promise.all(answers.filter(({ usable }) => usable).map(({ name }) => look(name)));
  const running = choices.find(({ observed }) => observed.length > 0);
  if (running) return running;

  const [first, ...others] = choices;
  if (!first) return noEngine(engines, signal);
  const reason = whyNotPreferred(first.engine.name, answers);
  const keeper = choices.find(({ kept }) => kept.length > 0);
  if (!keeper) return { ...first, reason, fallbacks: others.map(({ engine }) => engine.name) };
  return {
    ...keeper,
    reason: keeper === first ? reason : `Using engine "${keeper.engine.name}": it has data of this instance`,
  };
}

async function observeInstance(engine: Engine, identity: InstanceIdentity, signal: AbortSignal): Promise<EngineChoice> {
  const observed = await engine.observe(identity.id, signal);
  const kept = observed.length > 0 ? [] : await engine.kept(identity.id, signal);
  return { engine, observed, kept, reason: null, fallbacks: [] };
}

function whyNotPreferred(chosen: string, answers: Awaited<ReturnType<typeof checkEngines>>): string | null {
  const passedOver = answers.filter(
    ({ name, usable }) => !usable && engineNames.indexOf(name) < engineNames.indexOf(chosen),
  );
  return passedOver.length === 0 ? null : `Using engine "${chosen}": ${passedOver.map(({ why }) => why).join('; ')}`;
}

/** Throws the preferred engine's own reason. */
async function noEngine(engines: EngineOptions, signal: AbortSignal): Promise<never> {
  const [preferred = ''] = engineNames;
  await (await loadEngine(preferred, engines)).ping(signal);
  throw new EnvctlError('ENGINE_UNAVAILABLE', 'No engine answers', { hint: 'Start Docker, or set DOCKER_HOST.' });
}

import { EnvctlError, suggest } from '../../model/errors.js';
import type { TemplateTree } from '../../model/json.js';
import { isMap } from '../../model/json.js';
import type { Position } from '../../model/profile.js';
import type { Seeding, SeedKind, SeedStep } from '../../model/service.js';
import type { ProtocolWords } from '../resolve-input.js';
import { strings } from '../service/parameters.js';
import type { Expanded } from '../service/template.js';
import { seedKindNames, seedKindOf, seedKinds } from './kinds.js';
import type { StepContext } from './seed-kind.js';

export interface SeedsContext {
  readonly protocols: ProtocolWords;
  /** Names a step may run in or wait for. */
  readonly services: readonly string[];
}

/** The seeds of a service as written. Throws PROFILE_INVALID, REFERENCE_DANGLING. */
export function readSeeds(service: Expanded, context: SeedsContext): Seeding {
  const seed = isMap(service.own.seed) ? service.own.seed : {};
  const steps = Array.isArray(seed.steps) ? (seed.steps as readonly TemplateTree[]) : [];
  const after = strings(seed.after);
  for (const [index, name] of after.entries()) checkService(name, context.services, service.at('seed', 'after', index));
  return {
    after,
    steps: steps.map((step, index) => {
      const at: StepContext['at'] = (...path) => service.at('seed', 'steps', index, ...path);
      return readStep(step, {
        service,
        protocols: context.protocols,
        step: { at, services: context.services, service: service.name },
      });
    }),
  };
}

interface StepReading {
  readonly service: Expanded;
  readonly protocols: ProtocolWords;
  readonly step: StepContext;
}

function readStep(entry: TemplateTree, reading: StepReading): SeedStep {
  const { step } = reading;
  const { at } = step;
  if (!isMap(entry)) throw refuse('A seed step must be a map', at());
  const kind = seedKindOf(entry);
  const [first = ''] = Object.keys(entry);
  if (kind === undefined) throw refuse(`Unknown kind of seed "${first}"`, at(first), suggest(first, seedKindNames));
  const { keys, read } = seedKinds[kind];
  const unknown = Object.keys(entry).find((key) => !Object.hasOwn(keys, key));
  if (unknown !== undefined)
    throw refuse(
      `Seed "${kind}" has no option "${unknown}"`,
      at(unknown),
      suggest(
        unknown,
        Object.keys(keys).filter((key) => key !== kind),
      ),
    );
  checkProtocol(kind, reading);
  for (const [key, { type }] of Object.entries(keys))
    if (type === 'service' && typeof entry[key] === 'string') checkService(entry[key], step.services, at(key));
  return { kind, ...read(entry, step), position: at() } as SeedStep;
}

/** A kind that cannot run by itself is for services whose protocol runs it. */
function checkProtocol(kind: SeedKind, { service, protocols, step }: StepReading): void {
  if (seedKinds[kind].run) return;
  const speaks = service.template?.speaks;
  const able = Object.entries(protocols).flatMap(([name, { seeds }]) => (seeds.includes(kind) ? [name] : []));
  if (speaks && able.includes(speaks)) return;
  const why = speaks ? `speaks ${speaks}, which` : 'has no template, so it';
  throw refuse(
    `Service "${service.name}" ${why} takes no "${kind}" seeds`,
    step.at(kind),
    `Services that speak ${able.join(' or ')} take ${kind} seeds.`,
  );
}

function checkService(name: string, services: readonly string[], position: Position): void {
  if (services.includes(name)) return;
  throw new EnvctlError('REFERENCE_DANGLING', `There is no service "${name}"`, {
    hint: suggest(name, services),
    position,
  });
}

function refuse(
  message: string,
  position: Position,
  hint = `Write a map with one of ${seedKindNames.join(', ')}.`,
): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', message, { hint, position });
}

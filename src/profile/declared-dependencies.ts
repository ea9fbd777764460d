/** The dependencies a service declares: `depends_on`, shared namespaces and volumes, and references. */

import { EnvctlError, suggest } from '../model/errors.js';
import { isMap } from '../model/json.js';
import type { Need } from '../model/service.js';
import type { Position } from '../model/template-text.js';
import { referenceText } from './references/grammar.js';
import { displayText, isSide, referencesIn } from './references/template-text.js';
import { strings } from './service/parameters.js';
import type { ServiceDraft } from './service/service.js';

/** Each dependency once. Throws REFERENCE_DANGLING for an unknown service, CYCLE for a dependency on itself. */
export function writtenNeeds(draft: ServiceDraft, names: readonly string[]): readonly Need[] {
  const found = [...dependsOn(draft, names), ...shared(draft, names), ...implied(draft, names)];
  const first = new Map<string, Need>();
  for (const need of found)
    if (!first.has(`${need.service}.${need.step}`)) first.set(`${need.service}.${need.step}`, need);
  return [...first.values()];
}

const stepOf = new Map<string, Need['step']>([
  ['service_started', 'start'],
  ['service_healthy', 'seeded'],
  ['service_completed_successfully', 'gate'],
]);

function dependsOn(draft: ServiceDraft, names: readonly string[]): readonly Need[] {
  if (!isMap(draft.dependsOn)) return [];
  return Object.entries(draft.dependsOn).flatMap(([service, value]) => {
    const optional = isMap(value) && value.required === false;
    if (!names.includes(service) && optional) return [];
    check(service, { cause: 'depends_on', position: () => draft.at('depends_on', service), draft, names });
    const condition = isMap(value) && value.condition !== undefined ? displayText(value.condition) : 'default';
    const step = condition === 'default' ? 'seeded' : stepOf.get(condition);
    if (step === undefined) throw unknownCondition(condition, draft.at('depends_on', service, 'condition'));
    return [{ service, step, cause: 'depends_on' }];
  });
}

/** Namespaces, volumes and links of another service exist once it has started. */
function shared(draft: ServiceDraft, names: readonly string[]): readonly Need[] {
  const { compose } = draft;
  const modes = ['network_mode', 'ipc', 'pid'].map((cause) => ({
    cause,
    service: /^service:(.+)$/.exec(displayText(compose[cause] ?? ''))?.[1],
  }));
  const volumes = strings(compose.volumes_from).filter((entry) => !entry.startsWith('container:'));
  const links = strings(compose.links);
  const named = [
    ...modes,
    ...volumes.map((entry) => ({ cause: 'volumes_from', service: entry.split(':')[0] })),
    ...links.map((entry) => ({ cause: 'links', service: entry.split(':')[0] })),
  ];
  return named.flatMap(({ cause, service }) => {
    if (service === undefined) return [];
    check(service, { cause, position: () => draft.at(cause), draft, names });
    return [{ service, step: 'start' as const, cause }];
  });
}

/** References without a side (`${db.url}`). A service may refer to itself without depending on itself. */
function implied(draft: ServiceDraft, names: readonly string[]): readonly Need[] {
  return referencesIn([draft.compose, draft.process, draft.gate.probes])
    .filter(({ reference: { owner, path } }) => !isSide(path[0]) && owner !== draft.name && names.includes(owner))
    .map(({ reference }) => ({ service: reference.owner, step: 'seeded', cause: referenceText(reference) }));
}

interface ServiceMention {
  readonly cause: string;
  readonly position: () => Position;
  readonly draft: ServiceDraft;
  readonly names: readonly string[];
}

function check(service: string, { cause, position, draft, names }: ServiceMention): void {
  if (service === draft.name)
    throw new EnvctlError('CYCLE', `Service "${service}" depends on itself: ${service} → ${service}`, {
      hint: `Remove it from its own \`${cause}\`.`,
      position: position(),
    });
  if (names.includes(service)) return;
  throw new EnvctlError(
    'REFERENCE_DANGLING',
    `\`${cause}\` refers to a service "${service}" that this profile does not have`,
    {
      hint: suggest(service, names),
      position: position(),
    },
  );
}

function unknownCondition(condition: string, position: Position): EnvctlError {
  return new EnvctlError('PROFILE_INVALID', `"${condition}" is not a condition of \`depends_on\``, {
    hint: suggest(condition, [...stepOf.keys()]),
    position,
  });
}

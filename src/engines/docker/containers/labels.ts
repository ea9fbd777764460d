import { createHash } from 'node:crypto';
import type { Environment } from '../../../model/environment.js';
import type { ServiceRecord } from '../../../model/observed.js';
import type { Workload } from '../../../model/workload.js';

/** Labels are the truth about an instance: everything `status`, `env` and `down` need stands in them. */
export const label = {
  instance: 'envctl.instance',
  profile: 'envctl.profile',
  project: 'envctl.project',
  service: 'envctl.service',
  fingerprint: 'envctl.fingerprint',
  record: 'envctl.record',
  /** On volumes: `yes` where the data outlives `down`. */
  keep: 'envctl.keep',
} as const;

export type Labels = Readonly<Record<string, string>>;

/** Labels of everything that belongs to an instance: networks, volumes, containers. */
export function instanceLabels(environment: Environment): Labels {
  const project = createHash('sha256').update(environment.project).digest('hex').slice(0, 12);
  return { [label.instance]: environment.id, [label.profile]: environment.profile, [label.project]: project };
}

export function workloadLabels(environment: Environment, workload: Workload): Labels {
  return {
    ...instanceLabels(environment),
    [label.service]: workload.service,
    [label.fingerprint]: workload.fingerprint,
    [label.record]: JSON.stringify(workload.record),
  };
}

/** null: written by another version, or by hand. */
export function readRecord(labels: Labels): ServiceRecord | null {
  try {
    const record: unknown = JSON.parse(labels[label.record] ?? '');
    const whole =
      typeof record === 'object' &&
      record !== null &&
      'ports' in record &&
      'kind' in record &&
      'connection' in record &&
      'storage' in record &&
      'data' in record;
    return whole ? (record as ServiceRecord) : null;
  } catch {
    return null;
  }
}

/** `filters` of list calls, as a query parameter. */
export function byInstance(instance: string | null, more: Readonly<Record<string, readonly string[]>> = {}): string {
  const wanted = instance === null ? label.instance : `${label.instance}=${instance}`;
  return `filters=${encodeURIComponent(JSON.stringify({ label: [wanted], ...more }))}`;
}

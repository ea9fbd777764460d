import { createHash } from 'node:crypto';
import type { Environment } from '../../../model/environment.js';
import type { ServiceRecord } from '../../../model/observed.js';
import type { Workload } from '../../../model/workload.js';
import type { Filters } from '../api/engine-api.js';

/** Labels hold everything that `status`, `env` and `down` need, so that they work without any file. */
export const label = {
  instance: 'envctl.instance',
  profile: 'envctl.profile',
  project: 'envctl.project',
  service: 'envctl.service',
  fingerprint: 'envctl.fingerprint',
  record: 'envctl.record',
  /** On volumes: `yes` if the data outlives `down`. */
  keep: 'envctl.keep',
} as const;

/** Written by Compose. */
export const composeLabel = {
  service: 'com.docker.compose.service',
  replica: 'com.docker.compose.container-number',
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

/** Number of a replica, from 1. */
export function replicaOf(labels: Labels): number {
  return Number(labels[composeLabel.replica] ?? 1);
}

/** Null if another version of envctl wrote the labels, or something else did. */
export function readRecord(labels: Labels): ServiceRecord | null {
  try {
    const record: unknown = JSON.parse(labels[label.record] ?? '');
    return isRecord(record) ? record : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is ServiceRecord {
  const keys = ['ports', 'kind', 'connection', 'storage', 'data'];
  return typeof value === 'object' && value !== null && keys.every((key) => key in value);
}

/** Filters of list calls for objects of an instance; null: of any instance of envctl. */
export function instanceFilters(instance: string | null): Filters {
  return { label: [instance === null ? label.instance : `${label.instance}=${instance}`] };
}

/** Whether the object's own labels say so: engines have ignored filters before (moby-ryuk #32). */
export function belongsTo(labels: Labels | null | undefined, instance: string | null): boolean {
  const owner = labels?.[label.instance];
  return owner !== undefined && (instance === null || owner === instance);
}

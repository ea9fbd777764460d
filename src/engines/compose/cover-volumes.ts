import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { asList, asMap, type Json, type JsonMap } from '../../model/json.js';
import type { Workload } from '../../model/workload.js';

export interface Mount {
  readonly target: string;
  /** Name of a volume or path on the host; null: neither was given (an anonymous volume, a tmpfs). */
  readonly source: string | null;
}

/**
 * Gives every data path a store of ours, so that no anonymous volume is ever made: what the workload asks for, what its image declares as
 * VOLUME, and volumes the file mounts without a name. Memory is a tmpfs; but image-declared paths that no template knows are always
 * named volumes, because only volumes start with what the image holds there.
 */
export function coverStores(
  workload: Workload,
  users: ReadonlyMap<string, string>,
): { readonly service: JsonMap; readonly volumes: JsonMap } {
  const named = asList(workload.compose.volumes).filter((volume) => !isAnonymous(volume));
  const taken = new Set([...mountsOf({ ...workload.compose, volumes: named }).map(({ target }) => tidy(target))]);
  const memory: string[] = [];
  const disk: string[] = [];
  for (const { path, storage } of wanted(workload)) {
    if (taken.has(path)) continue;
    taken.add(path);
    const options = storage === 'memory' ? tmpfsOptions(workload, users) : null;
    if (options === null) disk.push(path);
    else memory.push(`${path}:${options}`);
  }
  const volumes = [...named, ...disk.map((path) => volumeAt(workload, path))];
  const tmpfs = [...asList(workload.compose.tmpfs), ...memory];
  return {
    service: { ...(volumes.length > 0 ? { volumes } : {}), ...(tmpfs.length > 0 ? { tmpfs } : {}) },
    volumes:
      workload.replicas > 1 ? {} : Object.fromEntries(disk.map((path) => [storeName(workload.service, path), null])),
  };
}

/** Everything a Compose service mounts, short and long forms. */
export function mountsOf(compose: JsonMap): readonly Mount[] {
  const volumes = asList(compose.volumes).map((volume): Mount => {
    if (typeof volume === 'string') return shortMount(volume);
    const { target, source } = asMap(volume);
    return { target: String(target ?? ''), source: typeof source === 'string' && source !== '' ? source : null };
  });
  const tmpfs = asList(compose.tmpfs).map(
    (entry): Mount => ({ target: String(entry).split(':')[0] ?? '', source: null }),
  );
  return [...volumes, ...tmpfs];
}

function wanted(workload: Workload): readonly { readonly path: string; readonly storage: 'memory' | 'disk' }[] {
  const anonymous = asList(workload.compose.volumes).filter(isAnonymous);
  const declared = [
    ...(workload.image?.volumes ?? []),
    ...mountsOf({ volumes: anonymous }).map(({ target }) => target),
  ];
  return [...workload.stores, ...declared.map((path) => ({ path, storage: 'disk' as const }))].map(
    ({ path, storage }) => ({
      path: tidy(path),
      storage,
    }),
  );
}

/**
 * null: a tmpfs would not do. It belongs to root, and over an existing folder its `mode` is ignored (runc), so that a user without root's
 * rights needs it made out to him by number; one known by name only gets a volume, which takes the folder's owner over from the image.
 */
function tmpfsOptions(workload: Workload, users: ReadonlyMap<string, string>): string | null {
  const user = String(workload.compose.user ?? users.get(workload.image?.id ?? '') ?? '');
  const [uid = '', gid = ''] = user.split(':');
  // `exec`: as a volume would be; docker's default for tmpfs is noexec.
  if (['', 'root', '0'].includes(uid)) return 'exec,mode=1777';
  if (!/^\d+$/.test(uid) || !/^\d*$/.test(gid)) return null;
  return `exec,mode=0700,uid=${uid}${gid === '' ? '' : `,gid=${gid}`}`;
}

/** Replicas cannot share one store; each gets a volume without a name, which goes with its container. */
function volumeAt(workload: Workload, target: string): JsonMap {
  return workload.replicas > 1
    ? { type: 'volume', target }
    : { type: 'volume', source: storeName(workload.service, target), target };
}

/** Readable, and distinct for paths with the same last part. */
function storeName(service: string, path: string): string {
  const hash = createHash('sha256').update(`${service}\0${path}`).digest('hex').slice(0, 6);
  return `${service}-${posix.basename(path).replaceAll(/[^A-Za-z0-9_.-]/g, '') || 'root'}-${hash}`;
}

function isAnonymous(volume: Json): boolean {
  if (typeof volume === 'string') return shortMount(volume).source === null;
  const { type, source } = asMap(volume);
  return (type === 'volume' || type === undefined) && (source === undefined || source === null || source === '');
}

/** `[source:]target[:mode]`; a Windows drive letter belongs to the path behind it. */
function shortMount(text: string): Mount {
  const drive = /^[A-Za-z]:[\\/]/.test(text) ? text.slice(0, 2) : '';
  const [first = '', second] = text.slice(drive.length).split(':');
  return second?.startsWith('/') === true
    ? { target: second, source: drive + first }
    : { target: drive + first, source: null };
}

function tidy(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, '');
}

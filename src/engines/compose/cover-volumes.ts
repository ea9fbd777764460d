import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { asList, asMap, type Json, type JsonMap } from '../../model/json.js';
import type { Workload } from '../../model/workload.js';

export interface Mount {
  readonly target: string;
  /** Name of a volume, or path on the host; null: an anonymous volume or a tmpfs. */
  readonly source: string | null;
}

/**
 * Gives each data path a store, so that no anonymous volume is created: paths that the workload needs, that its image
 * declares as VOLUME, and that the file mounts without a name. In memory a store is a tmpfs. Paths known only from the
 * image are always named volumes, because only volumes start with the image's contents.
 */
export function coverStores(
  workload: Workload,
  users: ReadonlyMap<string, string>,
): { readonly service: JsonMap; readonly volumes: JsonMap } {
  const named = asList(workload.compose.volumes).filter((volume) => !isAnonymous(volume));
  const covered = new Set(mountsOf({ ...workload.compose, volumes: named }).map(({ target }) => normalizePath(target)));
  const memory: string[] = [];
  const disk: string[] = [];
  for (const { path, storage } of pathsToCover(workload)) {
    if (covered.has(path)) continue;
    covered.add(path);
    const options = storage === 'memory' ? tmpfsOptions(workload, users) : null;
    if (options === null) disk.push(path);
    else memory.push(`${path}:${options}`);
  }
  const volumes = [...named, ...disk.map((path) => volumeAt(path, workload))];
  const tmpfs = [...asList(workload.compose.tmpfs), ...memory];
  return {
    service: { ...(volumes.length > 0 ? { volumes } : {}), ...(tmpfs.length > 0 ? { tmpfs } : {}) },
    volumes: hasReplicas(workload)
      ? {}
      : Object.fromEntries(disk.map((path) => [storeName(workload.service, path), null])),
  };
}

/** Everything that a Compose service mounts. Profiles are normalized: `volumes` are in their long form. */
export function mountsOf(compose: JsonMap): readonly Mount[] {
  const volumes = asList(compose.volumes).map((volume): Mount => {
    const { target, source } = asMap(volume);
    return { target: String(target ?? ''), source: typeof source === 'string' && source !== '' ? source : null };
  });
  const tmpfs = asList(compose.tmpfs).map(
    (entry): Mount => ({ target: String(entry).split(':')[0] ?? '', source: null }),
  );
  return [...volumes, ...tmpfs];
}

function pathsToCover(workload: Workload): Workload['stores'] {
  const anonymous = mountsOf({ volumes: asList(workload.compose.volumes).filter(isAnonymous) });
  const declared = [...(workload.image?.volumes ?? []), ...anonymous.map(({ target }) => target)];
  return [...workload.stores, ...declared.map((path) => ({ path, storage: 'disk' as const }))].map(
    ({ path, storage }) => ({ path: normalizePath(path), storage }),
  );
}

/**
 * Null if a tmpfs would not do. It belongs to root, and runc ignores its `mode` over an existing folder, so a user
 * without root's rights must own it by number. A user given only by name gets a volume, which copies the folder's owner
 * from the image.
 */
function tmpfsOptions(workload: Workload, users: ReadonlyMap<string, string>): string | null {
  const user = String(workload.compose.user ?? users.get(workload.image?.id ?? '') ?? '');
  const [uid = '', gid = ''] = user.split(':');
  // `exec` as on a volume: Docker mounts tmpfs with noexec by default.
  if (['', 'root', '0'].includes(uid)) return 'exec,mode=1777';
  if (!/^\d+$/.test(uid) || !/^\d*$/.test(gid)) return null;
  return `exec,mode=0700,uid=${uid}${gid === '' ? '' : `,gid=${gid}`}`;
}

/** Replicas cannot share one store: each gets an anonymous volume, which is removed with its container. */
function volumeAt(target: string, workload: Workload): JsonMap {
  return hasReplicas(workload)
    ? { type: 'volume', target }
    : { type: 'volume', source: storeName(workload.service, target), target };
}

function hasReplicas({ replicas }: Workload): boolean {
  return replicas > 1;
}

/** Readable, and unique even if the last parts of two paths are the same. */
function storeName(service: string, path: string): string {
  const hash = createHash('sha256').update(`${service}\0${path}`).digest('hex').slice(0, 6);
  return `${service}-${posix.basename(path).replaceAll(/[^A-Za-z0-9_.-]/g, '') || 'root'}-${hash}`;
}

function isAnonymous(volume: Json): boolean {
  const { type, source } = asMap(volume);
  return (type === 'volume' || type === undefined) && (source === undefined || source === null || source === '');
}

function normalizePath(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, '');
}

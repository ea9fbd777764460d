/** Environments bound with invented images and addresses. */
import type { Observed } from '../../src/model/observed.js';
import type { ImageMetadata, Preparation, Prepared } from '../../src/model/workload.js';
import { type BindOptions, bind, imageWith, preparationOf } from './environments.js';
import { resolveText } from './resolving.js';

export interface PrepareOptions extends Pick<BindOptions, 'hashes' | 'secrets' | 'runs'> {
  /** Metadata by service; a string is the id. */
  readonly images?: Readonly<Record<string, string | Partial<ImageMetadata>>>;
  readonly outside?: Preparation['outside'];
}

export type { PrepareOptions as Given };

/** A profile, bound to the given images and addresses. */
export function prepare(
  profile: Parameters<typeof resolveText>[0],
  { images = {}, outside = {}, ...binding }: PrepareOptions = {},
  options: Parameters<typeof resolveText>[1] = {},
): Prepared {
  const environment = resolveText(profile, options);
  const metadata = environment.services.map(({ name }) => {
    const image = images[name] ?? {};
    return [name, imageWith('x', typeof image === 'string' ? { id: image } : { id: 'sha256:1', ...image })] as const;
  });
  return bind(environment, preparationOf(environment, { images: Object.fromEntries(metadata), outside }), binding);
}

/** The replicas after a complete `up`, with `changes` by service. */
export function running(
  prepared: Prepared,
  changes: Readonly<Record<string, Partial<Observed>>> = {},
): readonly Observed[] {
  return prepared.workloads.flatMap(({ service, fingerprint, record, replicas }) =>
    Array.from(
      { length: replicas },
      (_, index): Observed => ({
        instance: 'shop-000000',
        service,
        replica: index + 1,
        id: `${service}-${index + 1}`,
        state: record.once ? 'exited' : 'running',
        exitCode: record.once ? 0 : null,
        startedAt: 1,
        createdAt: 1,
        restarts: 0,
        health: null,
        oomKilled: false,
        fingerprint,
        outside: {},
        env: {},
        record,
        ...changes[service],
      }),
    ),
  );
}

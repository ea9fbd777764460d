/** Settles profiles written in a test, with made-up images and addresses. */
import type { Observed } from '../../src/model/observed.js';
import type { ImageMetadata, Preparation, Prepared } from '../../src/model/workload.js';
import { bindEnvironment } from '../../src/plan/bind.js';
import { resolveText } from './resolving.js';

const imageOf = (said: string | Partial<ImageMetadata>): ImageMetadata => ({
  id: typeof said === 'string' ? said : 'sha256:1',
  reference: 'x',
  healthcheck: null,
  volumes: [],
  ...(typeof said === 'string' ? {} : said),
});

export interface Given {
  readonly images?: Readonly<Record<string, string | Partial<ImageMetadata>>>;
  readonly hashes?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly outside?: Preparation['outside'];
}

/** A profile with all that an engine would have found out about it. */
export function prepare(
  profile: Parameters<typeof resolveText>[0],
  { images = {}, hashes = {}, secrets = [], outside = {} }: Given = {},
  options: Parameters<typeof resolveText>[1] = {},
): Prepared {
  const environment = resolveText(profile, options);
  const inside = Object.fromEntries(
    environment.services.map(({ name, ports }) => [
      name,
      Object.fromEntries(Object.entries(ports).map(([port, at]) => [port, { host: name, port: at.inside }])),
    ]),
  );
  const facts = Object.fromEntries(environment.services.map(({ name }) => [name, imageOf(images[name] ?? {})]));
  return bindEnvironment({
    environment,
    preparation: { images: facts, inside, outside },
    runs: ['container'],
    hashes,
    secrets,
  });
}

/** What runs after everything that was planned has been done; `changes` by service. */
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

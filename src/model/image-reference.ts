/** The parts of an image name (distribution reference grammar): `ghcr.io/x/postgres:16@sha256:…`. */
export interface ImageReference {
  /** Registry host, with its port; null: Docker Hub, whether implied or written. */
  readonly host: string | null;
  /** Path in the registry; on Docker Hub without `library/`. */
  readonly path: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

export function parseImageReference(reference: string): ImageReference {
  const [name = '', digest = null] = reference.split('@', 2);
  const tag = /:([^:/]*)$/.exec(name)?.[1] ?? null;
  const repository = tag === null ? name : name.slice(0, -tag.length - 1);
  const [first = '', ...rest] = repository.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = hasHost ? rest.join('/') : repository;
  return hasHost && !/^(index\.)?docker\.io$/.test(first)
    ? { host: first, path, tag, digest }
    : { host: null, path: path.replace(/^library\//, ''), tag, digest };
}

/** The name without tag and digest, in its shortest form: `postgres`, `ghcr.io/x/postgres`. */
export function repositoryOf({ host, path }: ImageReference): string {
  return host === null ? path : `${host}/${path}`;
}

/** The shortest form of an image name: `docker.io/library/postgres:16` and `postgres:16` are the same image. */
export function shortImageName(reference: string): string {
  const parsed = parseImageReference(reference);
  const tag = parsed.tag === null ? '' : `:${parsed.tag}`;
  const digest = parsed.digest === null ? '' : `@${parsed.digest}`;
  return `${repositoryOf(parsed)}${tag}${digest}`;
}

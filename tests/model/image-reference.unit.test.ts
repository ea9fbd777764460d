import { expect, test } from 'vitest';
import { parseImageReference, shortImageName } from '../../src/model/image-reference.js';

test.each([
  ['postgres', null, 'postgres', null, null],
  ['postgres:16', null, 'postgres', '16', null],
  ['library/postgres', null, 'postgres', null, null],
  ['docker.io/library/postgres:16', null, 'postgres', '16', null],
  ['index.docker.io/bitnami/redis', null, 'bitnami/redis', null, null],
  ['bitnami/redis@sha256:ab', null, 'bitnami/redis', null, 'sha256:ab'],
  ['ghcr.io/x/postgres:16@sha256:ab', 'ghcr.io', 'x/postgres', '16', 'sha256:ab'],
  ['localhost/app', 'localhost', 'app', null, null],
  ['localhost:5000/app', 'localhost:5000', 'app', null, null],
  ['localhost:5000/library/app:1', 'localhost:5000', 'library/app', '1', null],
])('parses the image name %s', (reference, host, path, tag, digest) => {
  expect(parseImageReference(reference)).toEqual({ host, path, tag, digest });
});

test.each([
  ['docker.io/library/postgres:16', 'postgres:16'],
  ['bitnami/redis@sha256:ab', 'bitnami/redis@sha256:ab'],
  ['ghcr.io/library/postgres', 'ghcr.io/library/postgres'],
])('shortens the image name %s to %s', (reference, expected) => {
  expect(shortImageName(reference)).toBe(expected);
});

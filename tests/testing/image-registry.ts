/** A registry on loopback with one tiny image, for tests of pulls (opencontainers/distribution-spec). */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface Registry {
  /** `127.0.0.1:<port>/tiny:1`, an image with a HEALTHCHECK. */
  readonly image: string;
  readonly requests: string[];
  close(): void;
}

export interface RegistryOptions {
  /** `name:password` that must be sent. */
  readonly login?: string;
  /** Status answered instead of any manifest. */
  readonly refuse?: number;
}

export async function openRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const blobs = new Map<string, Buffer>();
  const put = (bytes: Buffer): { digest: string; size: number } => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    blobs.set(digest, bytes);
    return { digest, size: bytes.length };
  };
  const tar = layer();
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: {
      Cmd: ['/nothing'],
      Env: ['A=b=c'],
      Volumes: { '/v': {} },
      Healthcheck: { Test: ['CMD', 'x'], Interval: 1e9, Timeout: 2e9, Retries: 4, StartPeriod: 5e9 },
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(tar).digest('hex')}`] },
  };
  const media = 'application/vnd.docker.distribution.manifest.v2+json';
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: media,
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        ...put(Buffer.from(JSON.stringify(config))),
      },
      layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', ...put(gzipSync(tar)) }],
    }),
  );
  const { digest } = put(manifest);
  const requests: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.url}`);
    const sent = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
    if (options.login !== undefined && sent !== options.login)
      return void response
        .writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"' })
        .end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
    const { url = '' } = request;
    if (url === '/v2/') return void response.end('{}');
    if (options.refuse !== undefined)
      return void response
        .writeHead(options.refuse)
        .end('{"errors":[{"code":"TOOMANYREQUESTS","message":"toomanyrequests: slow down"}]}');
    if (/\/tiny\/manifests\/(1|sha256:.*)$/.test(url))
      return void response
        .writeHead(200, { 'Content-Type': media, 'Docker-Content-Digest': digest, 'Content-Length': manifest.length })
        .end(request.method === 'HEAD' ? undefined : manifest);
    const blob = blobs.get(/\/blobs\/(.+)$/.exec(url)?.[1] ?? '');
    if (blob !== undefined) return void response.end(blob);
    response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { image: `127.0.0.1:${port}/tiny:1`, requests, close: () => void server.close() };
}

/** A tar with a file nobody has had before, so that the engine really fetches it. */
function layer(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'envctl-layer-'));
  writeFileSync(join(folder, 'file'), randomBytes(2000));
  const tar = execFileSync('tar', ['-C', folder, '-cf', '-', 'file']);
  rmSync(folder, { recursive: true });
  return tar;
}

/** The docker command, the images at hand, and a census, for tests on a real engine. */
import { execFileSync } from 'node:child_process';
import { base } from './compose-prepared.js';

/** As it was before any test changed it. */
const environment = { ...process.env };

export function docker(...argv: string[]): string {
  return execFileSync('docker', argv, { env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** The lab's stand-in where it is here, else the real image, fetched if need be. */
function imageHere(standIn: string, official: string): string {
  if (docker('images', '-q', standIn) !== '') return standIn;
  if (docker('images', '-q', official) === '') docker('pull', '-q', official);
  return official;
}

export const redis = imageHere('envctl-lab/redis:7.0', 'redis:7.0');
/** Node on Debian, with the C library that the host's Compose plugin wants. */
export const node = (): string => imageHere('envctl-lab/node:20', 'node:20-bookworm');

if (docker('images', '-q', base) === '') docker('pull', '-q', base);

/** Everything the engine has that carries the instance's label or its name. */
export function census(id: string): readonly string[] {
  const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
  return [
    ...lines(docker('ps', '-a', '--filter', `label=envctl.instance=${id}`, '--format', 'container {{.Names}}')),
    ...lines(docker('ps', '-a', '--filter', `name=${id}`, '--format', 'container {{.Names}}')),
    ...lines(docker('network', 'ls', '--filter', `name=${id}`, '--format', 'network {{.Name}}')),
    ...lines(docker('volume', 'ls', '--filter', `name=${id}`, '--format', 'volume {{.Name}}')),
    ...lines(docker('volume', 'ls', '--filter', `label=envctl.instance=${id}`, '--format', 'volume {{.Name}}')),
  ].filter((name, at, all) => all.indexOf(name) === at);
}

/** Volumes mounted by the containers of an instance, by name; a name of 64 hex digits is an anonymous one. */
export function volumesOf(id: string): readonly string[] {
  const containers = docker('ps', '-aq', '--filter', `label=envctl.instance=${id}`)
    .split('\n')
    .filter((line) => line !== '');
  if (containers.length === 0) return [];
  return docker(
    'inspect',
    ...containers,
    '--format',
    '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}',
  )
    .split(/\s+/)
    .filter((name) => name !== '');
}

/** Whatever a test left, by label only. */
export function cleanUp(id: string): void {
  const ids = (text: string): string[] => text.split('\n').filter((line) => line !== '');
  const containers = ids(docker('ps', '-aq', '--filter', `label=envctl.instance=${id}`));
  if (containers.length > 0) docker('rm', '-fv', ...containers);
  for (const network of ids(docker('network', 'ls', '-q', '--filter', `label=envctl.instance=${id}`)))
    docker('network', 'rm', network);
  for (const volume of ids(docker('volume', 'ls', '-q', '--filter', `label=envctl.instance=${id}`)))
    docker('volume', 'rm', volume);
}

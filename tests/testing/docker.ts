/** Images that are present, and a census of what an instance has on the engine. */
import { base } from './compose-prepared.js';
import { docker, lines, substituted } from './docker-command.js';

export { docker };

function pulled(name: string): string {
  const image = substituted(name);
  if (docker('images', '-q', image) === '') docker('pull', '-q', image);
  return image;
}

pulled(base);
export const redis = pulled('redis:7');
/** Node on Debian, with the C library that the Compose plugin of this host needs. */
export const node = (): string => pulled('node:20');

/** Everything on the engine with the label or the name of the instance. */
export function census(id: string): readonly string[] {
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
  const containers = lines(docker('ps', '-aq', '--filter', `label=envctl.instance=${id}`));
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

/** Removes the leftovers of a test, found by label. */
export function cleanUp(id: string): void {
  const containers = lines(docker('ps', '-aq', '--filter', `label=envctl.instance=${id}`));
  if (containers.length > 0) docker('rm', '-fv', ...containers);
  for (const network of lines(docker('network', 'ls', '-q', '--filter', `label=envctl.instance=${id}`)))
    docker('network', 'rm', network);
  for (const volume of lines(docker('volume', 'ls', '-q', '--filter', `label=envctl.instance=${id}`)))
    docker('volume', 'rm', volume);
}

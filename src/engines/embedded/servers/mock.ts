import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readText } from '../state/paths.js';
import { packageFolders } from './programs.js';
import { cannotRun, type Server } from './server.js';

interface MockProgram {
  readonly program: string;
  /** Entry file of mockttp. */
  readonly library: string;
}

/** The mock server that needs only Node; see `../mock/main.ts`. */
export const mock: Server<MockProgram> = {
  names: ['mock'],
  find(context, request) {
    const [folder] = packageFolders(request, 'mockttp');
    if (!folder)
      throw cannotRun(
        request,
        'the npm package "mockttp" is not installed',
        'Install it with `npm install --save-dev mockttp`, or use Docker: `--engine compose`.',
      );
    const { main = 'index.js' } = JSON.parse(readText(path.join(folder, 'package.json')) ?? '{}') as { main?: string };
    const program = context.mockProgram ?? fileURLToPath(new URL('../mock/main.js', import.meta.url));
    if (!existsSync(program)) throw new Error(`bug: ${program} is missing: was the build run?`);
    return { program, library: path.join(folder, main) };
  },
  launch: (context, { program, library }, { store, ports }) => ({
    argv: [context.nodePath, program, library, String(ports.main), path.join(store, 'mappings.json')],
    env: {},
    user: null,
  }),
};

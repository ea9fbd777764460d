/** A project with one small profile that the embedded engine runs without Docker or downloads. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { attach } from '../../src/index.js';
import { EnvctlError } from '../../src/model/errors.js';

const server = `
require('node:http')
  .createServer((_, response) => response.end(process.env.GREETING))
  .listen(process.env.PORT, '127.0.0.1');
`;

const profile = `
parameters: { greeting: { default: hello } }
services:
  web:
    process: { command: node server.js, port: PORT }
    environment: { GREETING: "\${parameters.greeting} \${WHO:-world}" }
    port: 8080
    ready: { http: / }
exports:
  WEB_URL: \${web.url}
`;

export interface TestProject {
  readonly cwd: string;
  /** Variables that keep the state of the engine and the user's key in the temporary folder. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Options that every call of the library needs to stay within this project. */
  readonly options: { readonly cwd: string; readonly env: TestProject['env']; readonly engine: 'embedded' };
}

/** Creates the project. What still runs when the test is over is removed. */
export function testProject(): TestProject {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'envctl-app-')));
  const cwd = join(home, 'project');
  mkdirSync(join(cwd, 'environments'), { recursive: true });
  writeFileSync(join(cwd, 'environments/site.yaml'), profile);
  writeFileSync(join(cwd, 'environments/server.js'), server);
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_CONFIG_HOME: join(home, 'config'),
  };
  const options = { cwd, env, engine: 'embedded' } as const;
  onTestFinished(async () => {
    const left = await attach(options).catch((error: unknown) => {
      if (error instanceof EnvctlError && error.code === 'INSTANCE_UNKNOWN') return null;
      throw error;
    });
    await left?.down();
    rmSync(home, { recursive: true, force: true });
  });
  return { cwd, env, options };
}

export const answerOf = async (url: string | undefined): Promise<string> => (await fetch(url ?? '')).text();

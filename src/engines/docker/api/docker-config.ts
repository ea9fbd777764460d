import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EnvctlError } from '../../../model/errors.js';
import type { ProcessEnv } from '../../../model/host.js';
import { isMap, type Json, type JsonMap } from '../../../model/json.js';

/** The docker configuration folder and the contents of its `config.json`; `{}` if there is no such file. */
export async function readDockerConfig(
  env: ProcessEnv,
): Promise<{ readonly folder: string; readonly config: JsonMap }> {
  const folder = env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker');
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch(() => '{}');
  const config = parseJsonMap(text);
  if (config !== null) return { folder, config };
  throw new EnvctlError('ENGINE_UNAVAILABLE', `${join(folder, 'config.json')} is not valid JSON`, {
    hint: 'Fix or remove that file. The docker command cannot read it either.',
  });
}

/** Null if the text is not a JSON object. */
export function parseJsonMap(text: string): JsonMap | null {
  try {
    const value = JSON.parse(text) as Json;
    return isMap(value) ? value : null;
  } catch {
    return null;
  }
}

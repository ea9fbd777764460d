/** The data directory of an instance: a copy of the template with its own password. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EnvctlError } from '../../../../model/errors.js';
import { unpack } from '../../state/archive.js';
import { fillOnce } from '../../state/make-once.js';
import { readText } from '../../state/paths.js';
import { parameter, type ServerReplica, type ServerRequest } from '../server.js';
import type { PostgresBuild } from './binaries.js';
import { scramVerifier } from './scram.js';
import { placeholder, templateFolder } from './template.js';

/** Unpacks the template and sets the password. Throws SERVICE_FAILED if the store has data of another major version. */
export async function fillData(tool: PostgresBuild, { request, store }: ServerReplica): Promise<void> {
  const held = readText(path.join(store, 'data/PG_VERSION'))?.trim();
  if (held === String(tool.major)) return;
  if (held) throw otherVersion(request, held, tool);
  await fillOnce(store, async (data) => {
    await unpack(path.join(templateFolder(tool, request), 'data.tar'), data, request.env);
    await setPassword(data, parameter(request, 'password', ''));
  });
}

/** The file of the table pg_authid, the same in every version. */
const rolesFile = 'global/1260';

/**
 * Replaces the template's verifier in the table file, which saves starting a server for ALTER ROLE: half of the time of
 * a cold start. Safe because the server was shut down cleanly, the length is the same, and pages have no checksums.
 */
async function setPassword(data: string, password: string): Promise<void> {
  const file = path.join(data, rolesFile);
  const table = await readFile(file);
  const at = table.indexOf(placeholder);
  const verifier = scramVerifier(password);
  if (at < 0 || table.indexOf(placeholder, at + 1) >= 0 || verifier.length !== placeholder.length)
    throw new Error(`bug: ${file} does not contain the template's password exactly once`);
  table.write(verifier, at);
  await writeFile(file, table);
}

const otherVersion = (request: ServerRequest, held: string, tool: PostgresBuild): EnvctlError =>
  new EnvctlError(
    'SERVICE_FAILED',
    `The data of "${request.service}" is from PostgreSQL ${held}, but version ${tool.major} would run`,
    {
      hint: `Set the version back to ${held}, or run \`envctl down\` to remove the data.`,
      service: request.service,
    },
  );

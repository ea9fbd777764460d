import type { Engine, Observed } from '../../core/contracts.js';
import { askEngines, loadEngine } from '../../engines/engines.js';
import { userFolders } from '../../files/folders.js';
import { findProject, listProfiles } from '../../files/project.js';
import { paintFor } from '../../ui/color.js';
import { type InstanceRow, instancesText } from '../../ui/status.js';
import { table } from '../../ui/tables.js';
import type { CliContext } from '../context.js';
import type { GlobalOptions } from '../globals.js';

/** `envctl ls`: every instance on every engine that answers; with `--profiles` what could be brought up here. */
export async function lsCommand(options: GlobalOptions & { readonly profiles?: boolean }, context: CliContext): Promise<number> {
  return options.profiles ? listProfilesHere(options, context) : listInstances(options, context);
}

async function listInstances(options: GlobalOptions, context: CliContext): Promise<number> {
  const engines = {
    environment: context.environment,
    substitution: async () => (image: string) => image,
    workdir: userFolders(context.environment).state,
  };
  const answering = (await askEngines(engines)).filter((answer) => answer.usable);
  const loaded = await Promise.all(answering.map(({ name }) => loadEngine(name, engines)));
  const rows = (await Promise.all(loaded.map((engine) => rowsOf(engine, context.signal))))
    .flat()
    .sort((a, b) => a.instance.localeCompare(b.instance));
  if (options.output === 'json') context.stdout.write(`${JSON.stringify({ version: 1, instances: rows })}\n`);
  else
    context.stdout.write(
      instancesText(rows, {
        now: Date.now(),
        paint: await paintFor(context.stdout, context.environment),
        mask: context.mask,
        columns: context.stdout.isTTY ? context.stdout.columns : undefined,
      }),
    );
  return 0;
}

async function rowsOf(engine: Engine, signal: AbortSignal): Promise<readonly InstanceRow[]> {
  const observed = await engine.observe(null, signal);
  const ids = [...new Set(observed.map((seen) => seen.instance))];
  return ids.map((id) =>
    rowOf(
      id,
      observed.filter((seen) => seen.instance === id),
      engine.name,
    ),
  );
}

function rowOf(instance: string, observed: readonly Observed[], engine: string): InstanceRow {
  const alive = observed.filter((seen) => seen.state === 'running' || (seen.record?.once === true && seen.exitCode === 0)).length;
  const record = observed.find((seen) => seen.record !== null)?.record;
  return {
    instance,
    profile: record?.profile ?? instance.slice(0, -7),
    engine,
    running: alive,
    services: observed.length,
    state: alive === observed.length ? 'running' : alive === 0 ? 'stopped' : 'partly running',
    createdAt: Math.min(...observed.map((seen) => seen.createdAt)),
    storage: record?.storage ?? 'disk',
    kept: [],
  };
}

async function listProfilesHere(options: GlobalOptions, context: CliContext): Promise<number> {
  const project = findProject(process.cwd());
  const { readDocument } = await import('../../files/document.js');
  const profiles = await Promise.all(
    (await listProfiles(project)).map(async ({ name, path }) => ({
      name,
      summary: String((await readDocument(path)).value.summary ?? ''),
      path,
    })),
  );
  if (options.output === 'json') context.stdout.write(`${JSON.stringify({ version: 1, profiles })}\n`);
  else
    context.stdout.write(
      table(
        profiles.map(({ name, summary }) => [name, summary]),
        { headers: ['PROFILE', 'SUMMARY'] },
      ),
    );
  return 0;
}

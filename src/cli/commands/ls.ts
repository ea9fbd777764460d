import { askEngines, loadEngine } from '../../engines/registry.js';
import { findProject, listProfiles } from '../../files/project.js';
import type { Engine, KeptStore } from '../../model/engine.js';
import type { Observed } from '../../model/observed.js';
import { paintFor } from '../../ui/color.js';
import { type InstanceRow, instancesText } from '../../ui/listings.js';
import { table } from '../../ui/tables.js';
import type { CliContext } from '../context.js';
import type { GlobalOptions } from '../options.js';

/** `envctl ls`: every instance on every engine that answers; with `--profiles` what could be brought up here. */
export async function lsCommand(
  options: GlobalOptions & { readonly profiles?: boolean },
  context: CliContext,
): Promise<number> {
  return options.profiles ? listProfilesHere(options, context) : listInstances(options, context);
}

async function listInstances(options: GlobalOptions, context: CliContext): Promise<number> {
  const engines = {
    env: context.env,
    substitution: async () => (image: string) => image,
  };
  const asked = await askEngines(engines);
  const loaded = await Promise.all(asked.filter(({ usable }) => usable).map(({ name }) => loadEngine(name, engines)));
  const rows = (await Promise.all(loaded.map((engine) => rowsOf(engine, context.signal))))
    .flat()
    .sort((a, b) => a.instance.localeCompare(b.instance));
  if (options.output === 'json')
    context.stdout.write(`${JSON.stringify({ version: 1, instances: rows, engines: asked })}\n`);
  else
    context.stdout.write(
      instancesText(rows, {
        now: Date.now(),
        silent: asked.filter(({ usable }) => !usable).map(({ name, why }) => `${name}: ${why}`),
        paint: await paintFor(context.stdout, context.env),
        mask: context.mask,
        columns: context.stdout.isTTY ? context.stdout.columns : undefined,
      }),
    );
  return 0;
}

async function rowsOf(engine: Engine, signal: AbortSignal): Promise<readonly InstanceRow[]> {
  const [observed, kept] = await Promise.all([engine.observe(null, signal), engine.kept(null, signal)]);
  const ids = [...new Set([...observed, ...kept].map(({ instance }) => instance))];
  return ids.map((id) => {
    const of = <T extends { readonly instance: string }>(all: readonly T[]): readonly T[] =>
      all.filter(({ instance }) => instance === id);
    return rowOf(id, { observed: of(observed), kept: of(kept), engine: engine.name });
  });
}

interface Found {
  readonly observed: readonly Observed[];
  readonly kept: readonly KeptStore[];
  readonly engine: string;
}

function rowOf(instance: string, { observed, kept, engine }: Found): InstanceRow {
  const alive = observed.filter(
    (seen) => seen.state === 'running' || (seen.record?.once === true && seen.exitCode === 0),
  ).length;
  const record = observed.find((seen) => seen.record !== null)?.record;
  return {
    instance,
    profile: record?.profile ?? kept[0]?.profile ?? instance.slice(0, -7),
    engine,
    running: alive,
    services: observed.length,
    state: stateOf(alive, observed.length),
    createdAt: Math.min(...(observed.length > 0 ? observed : kept).map(({ createdAt }) => createdAt)),
    storage: record?.storage ?? 'disk',
    kept: kept.map(({ name }) => name),
  };
}

function stateOf(alive: number, services: number): string {
  if (services === 0) return 'down';
  return alive === services ? 'running' : alive === 0 ? 'stopped' : 'partly running';
}

async function listProfilesHere(options: GlobalOptions, context: CliContext): Promise<number> {
  const project = findProject(process.cwd());
  const { readDocument } = await import('../../files/yaml/document.js');
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

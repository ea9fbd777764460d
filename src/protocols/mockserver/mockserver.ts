import { EnvctlError } from '../../model/errors.js';
import type { JsonMap } from '../../model/json.js';
import type { Ledger, ProbeResult, Protocol, SeedTask, ServiceAccess } from '../../model/protocol.js';
import { excerpt, exchange, urlAt } from '../http/exchange.js';
import { attempt, notYet, ready } from '../shared/attempt.js';
import { answering } from '../shared/ledger.js';
import { withFailures } from '../shared/seed-failures.js';
import { admin, adminJson, checkLoaded, stubServerFailure } from '../shared/stub-server.js';
import { entriesOf, type Mark, readStubs, type StubFile } from '../shared/stubs.js';

export const mockserver: Protocol<'stubs'> = {
  name: 'mockserver',
  probe,
  seeds: { stubs: withFailures(seedStubs, stubServerFailure('MockServer')) },
  ledger,
};

async function probe(reach: ServiceAccess): Promise<ProbeResult> {
  return attempt(reach, async (at, signal) => {
    const { status, body } = await exchange(urlAt(at, '/mockserver/status'), { method: 'PUT', signal });
    return status === 200 ? ready : notYet(`answers ${status} ${excerpt(body, 80)}`.trimEnd());
  });
}

/** Creates the expectations of a file; those of an earlier version of the same step go. */
async function seedStubs(reach: ServiceAccess, task: SeedTask<'stubs'>): Promise<number> {
  const { entry } = task;
  const file = await readStubs(task, { file: task.step.file, list: 'expectations' });
  if (task.fresh !== true) await removeFormer(reach, task);
  const stubs = file.stubs.map((stub, n) =>
    named(stub, { step: entry.index, hash: entry.hash, n, of: file.stubs.length }),
  );
  await load(reach, stubs, file);
  checkLoaded(file, await present(reach, stubs));
  return file.stubs.length;
}

/** All at once; where that is refused one by one, since the answer does not say which one was meant. */
async function load(reach: ServiceAccess, stubs: readonly JsonMap[], file: StubFile): Promise<void> {
  const path = '/mockserver/expectation';
  const { status, body } = await admin(reach, { method: 'PUT', path, body: stubs });
  if (status === 201) return;
  for (const [n, stub] of stubs.entries()) {
    const answer = await admin(reach, { method: 'PUT', path, body: stub });
    if (answer.status !== 201) throw refused(answer.body, file, n);
  }
  throw new Error(`the expectations are refused together: ${excerpt(body, 500)}`);
}

function refused(body: string, file: StubFile, n: number): EnvctlError {
  const complaints = body.match(/^ *- (\$\S* )?.*$/gm)?.map((line) => line.trim().slice(2)) ?? [];
  // Of an alternative's members the schema calls every one missing; what is wrong in what was written says more.
  const telling = complaints.find((line) => line.startsWith('$') && !/is missing, but is required/.test(line));
  return new EnvctlError('SEED_FAILED', `MockServer: ${telling ?? complaints[0] ?? excerpt(body, 200)}`, {
    hint: 'Mend that expectation: https://www.mock-server.com/mock_server/creating_expectations.html says which keys there are.',
    ...(complaints.length > 1 ? { detail: complaints.join('\n') } : {}),
    position: file.at(n),
  });
}

/** An expectation has no room for a mark but its id. One that has an id of its own keeps it, and is put in again by every `up`. */
function named(stub: JsonMap, { step, hash, n, of }: Mark): JsonMap {
  return { ...stub, id: stub.id ?? `envctl-${step}-${hash}-${n}-${of}` };
}

function markIn(id: string): Mark | null {
  const match = /^envctl-(\d+)-(.+)-(\d+)-(\d+)$/.exec(id);
  return match === null
    ? null
    : { step: Number(match[1]), hash: match[2] ?? '', n: Number(match[3]), of: Number(match[4]) };
}

async function ids(reach: ServiceAccess): Promise<readonly string[]> {
  const active = await adminJson(reach, {
    method: 'PUT',
    path: '/mockserver/retrieve?type=ACTIVE_EXPECTATIONS&format=JSON',
  });
  return Array.isArray(active) ? active.map((expectation: JsonMap) => String(expectation.id)) : [];
}

/** Places of the stubs that the server has; the second of two with one id counts as missing, since it replaced the first. */
async function present(reach: ServiceAccess, stubs: readonly JsonMap[]): Promise<ReadonlySet<number>> {
  const active = new Set(await ids(reach));
  const places = stubs.map((_, n) => n);
  const first = new Map([...places].reverse().map((n) => [stubs[n]?.id, n]));
  return new Set(places.filter((n) => active.has(String(stubs[n]?.id)) && first.get(stubs[n]?.id) === n));
}

async function removeFormer(reach: ServiceAccess, { entry }: SeedTask): Promise<void> {
  for (const id of await ids(reach)) {
    const mark = markIn(id);
    if (mark?.step === entry.index && mark.hash !== entry.hash)
      await admin(reach, { method: 'PUT', path: '/mockserver/clear?type=EXPECTATIONS', body: { id } });
  }
}

/** Told from the expectations themselves, so a restart of the server, which forgets them, forgets this too. */
function ledger(reach: ServiceAccess): Ledger {
  const marks = async (): Promise<readonly Mark[]> => (await ids(reach)).map(markIn).filter((mark) => mark !== null);
  return answering(reach, { read: async () => entriesOf(await marks()), write: async () => undefined });
}

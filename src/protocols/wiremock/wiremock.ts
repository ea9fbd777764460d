import { EnvctlError } from '../../model/errors.js';
import type { Json, JsonMap } from '../../model/json.js';
import type { Ledger, ProbeResult, Protocol, SeedTask, ServiceAccess } from '../../model/protocol.js';
import { excerpt, exchange, parsed, urlAt } from '../http/exchange.js';
import { attempt, notYet, ready } from '../shared/attempt.js';
import { answering } from '../shared/ledger.js';
import { withFailures } from '../shared/seed-failures.js';
import { admin, adminJson, checkLoaded, stubServerFailure } from '../shared/stub-server.js';
import { entriesOf, type Mark, readStubs, type StubFile, uuidOf } from '../shared/stubs.js';

const MAPPINGS = '/__admin/mappings';

export const wiremock: Protocol<'stubs'> = {
  name: 'wiremock',
  probe,
  seeds: { stubs: withFailures(seedStubs, stubServerFailure('WireMock')) },
  ledger,
};

async function probe(reach: ServiceAccess): Promise<ProbeResult> {
  return attempt(reach, async (at, signal) => {
    const { status, body } = await exchange(urlAt(at, `${MAPPINGS}?limit=0`), { signal });
    return status === 200 ? ready : notYet(`answers ${status} ${excerpt(body, 80)}`.trimEnd());
  });
}

/** Imports a file of mappings; those of an earlier version of the same step go. A mapping's own id stays. */
async function seedStubs(reach: ServiceAccess, task: SeedTask<'stubs'>): Promise<number> {
  const file = await readStubs(task, { file: task.step.file, list: 'mappings' });
  if (task.fresh !== true) await removeFormer(reach, task);
  await load(reach, task, file);
  const ours = (await loaded(reach)).filter(
    ({ mark }) => mark.step === task.entry.index && mark.hash === task.entry.hash,
  );
  checkLoaded(file, new Set(ours.map(({ mark }) => mark.n)));
  return file.stubs.length;
}

async function load(reach: ServiceAccess, task: SeedTask, file: StubFile): Promise<void> {
  const mappings = file.stubs.map((stub, n) =>
    marked(stub, { step: task.entry.index, hash: task.entry.hash, n, of: file.stubs.length }),
  );
  const body = { mappings, importOptions: { duplicatePolicy: 'OVERWRITE', deleteAllNotInImport: false } };
  const answer = await admin(reach, { method: 'POST', path: `${MAPPINGS}/import`, body });
  if (answer.status !== 200) throw refused(answer.body, file);
}

function marked(stub: JsonMap, mark: Mark): JsonMap {
  const own = stub.id ?? stub.uuid;
  return { ...stub, id: own ?? uuidOf(mark), metadata: { ...mapOf(stub.metadata), envctl: { ...mark } } };
}

/** WireMock names the place as `/mappings/1/request/urlPth`. */
function refused(body: string, file: StubFile): EnvctlError {
  const error = mapOf(listOf(mapOf(parsed(body)).errors)[0]);
  const pointer = String(mapOf(error.source).pointer ?? '').split('/');
  const detail = String(error.detail ?? error.title ?? excerpt(body, 500));
  return new EnvctlError(
    'SEED_FAILED',
    `WireMock: ${detail.replace(/ \(class [^)]*\), not marked as ignorable/, '')}`,
    {
      hint: 'Mend that mapping: https://wiremock.org/docs/stubbing/ says which keys there are.',
      position: file.at(Number(pointer[2] ?? 0), pointer.slice(3)),
    },
  );
}

interface Loaded {
  readonly id: string;
  readonly mark: Mark;
}

/** Mappings that a seed put in. */
async function loaded(reach: ServiceAccess): Promise<readonly Loaded[]> {
  const all = listOf(mapOf(await adminJson(reach, { method: 'GET', path: MAPPINGS })).mappings);
  return all.map(mapOf).flatMap((mapping) => {
    const { step, hash, n, of } = mapOf(mapOf(mapping.metadata).envctl);
    const isOurs =
      typeof step === 'number' && typeof hash === 'string' && typeof n === 'number' && typeof of === 'number';
    return isOurs ? [{ id: String(mapping.id), mark: { step, hash, n, of } }] : [];
  });
}

async function removeFormer(reach: ServiceAccess, { entry }: SeedTask): Promise<void> {
  const former = (await loaded(reach)).filter(({ mark }) => mark.step === entry.index && mark.hash !== entry.hash);
  for (const { id } of former) await admin(reach, { method: 'DELETE', path: `${MAPPINGS}/${id}` });
}

/** Told from the mappings themselves, so a restart of the server, which forgets them, forgets this too. */
function ledger(reach: ServiceAccess): Ledger {
  return answering(reach, {
    read: async () => entriesOf((await loaded(reach)).map(({ mark }) => mark)),
    write: async () => undefined,
  });
}

function mapOf(value: Json | undefined): JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonMap) : {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

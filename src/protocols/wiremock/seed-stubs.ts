import { EnvctlError } from '../../model/errors.js';
import { asList, asMap } from '../../model/json.js';
import { excerpt, parsed } from '../shared/http-exchange.js';
import { type StubFile, uuidOf } from '../shared/stub-file.js';
import { admin, type StubServer } from '../shared/stub-server.js';
import { MAPPINGS, seededMappings } from './ledger.js';

/** The mark of a stub (`StubMark`) is stored in its mapping's metadata. */
export const wiremockStubs: StubServer = {
  name: 'WireMock',
  list: 'mappings',
  mark: (stub, mark) => ({
    ...stub,
    id: stub.id ?? stub.uuid ?? uuidOf(mark),
    metadata: { ...asMap(stub.metadata), envctl: { ...mark } },
  }),
  removeFormer: async (access, { entry }) => {
    const all = await seededMappings(access);
    const former = all.filter(({ mark }) => mark.step === entry.index && mark.hash !== entry.hash);
    for (const { id } of former) await admin(access, { method: 'DELETE', path: `${MAPPINGS}/${id}` });
  },
  load: async (access, mappings, file) => {
    const body = { mappings, importOptions: { duplicatePolicy: 'OVERWRITE', deleteAllNotInImport: false } };
    const answer = await admin(access, { method: 'POST', path: `${MAPPINGS}/import`, body });
    if (answer.status !== 200) throw refused(answer.body, file);
  },
  loaded: async (access, { entry }) => {
    const all = await seededMappings(access);
    const own = all.filter(({ mark }) => mark.step === entry.index && mark.hash === entry.hash);
    return new Set(own.map(({ mark }) => mark.n));
  },
};

/** WireMock's answer points to the error as `/mappings/1/request/urlPth`. */
function refused(body: string, file: StubFile): EnvctlError {
  const error = asMap(asList(asMap(parsed(body)).errors)[0]);
  const pointer = String(asMap(error.source).pointer ?? '').split('/');
  const detail = String(error.detail ?? error.title ?? excerpt(body, 500));
  const message = detail.replace(/ \(class [^)]*\), not marked as ignorable/, '');
  return new EnvctlError('SEED_FAILED', `WireMock: ${message}`, {
    hint: 'Fix that mapping; https://wiremock.org/docs/stubbing/ lists the keys.',
    position: file.at(Number(pointer[2] ?? 0), pointer.slice(3)),
  });
}

import { EnvctlError } from '../../model/errors.js';
import { excerpt } from '../shared/http-exchange.js';
import type { StubFile } from '../shared/stub-file.js';
import { admin, type StubServer } from '../shared/stub-server.js';
import { expectationIds, idOf, markIn } from './ledger.js';

const EXPECTATION = '/mockserver/expectation';

/** An expectation's id is its mark. One with its own id keeps that, so every `up` loads it again. */
export const mockserverStubs: StubServer = {
  name: 'MockServer',
  list: 'expectations',
  mark: (stub, mark) => ({ ...stub, id: stub.id ?? idOf(mark) }),
  removeFormer: async (access, { entry }) => {
    for (const id of await expectationIds(access)) {
      const mark = markIn(id);
      if (mark?.step === entry.index && mark.hash !== entry.hash)
        await admin(access, { method: 'PUT', path: '/mockserver/clear?type=EXPECTATIONS', body: { id } });
    }
  },
  /** All in one request; if that is refused one by one, since the answer does not name the wrong one. */
  load: async (access, stubs, file) => {
    const { status, body } = await admin(access, { method: 'PUT', path: EXPECTATION, body: stubs });
    if (status === 201) return;
    for (const [n, stub] of stubs.entries()) {
      const answer = await admin(access, { method: 'PUT', path: EXPECTATION, body: stub });
      if (answer.status !== 201) throw refused(answer.body, file, n);
    }
    throw new Error(`the expectations are refused together: ${excerpt(body, 500)}`);
  },
  /** The second of two stubs with one id counts as missing, since it replaced the first. */
  loaded: async (access, _, stubs) => {
    const active = new Set(await expectationIds(access));
    const indexes = stubs.map((_, n) => n);
    const first = new Map([...indexes].reverse().map((n) => [stubs[n]?.id, n]));
    return new Set(indexes.filter((n) => active.has(String(stubs[n]?.id)) && first.get(stubs[n]?.id) === n));
  },
};

function refused(body: string, file: StubFile, n: number): EnvctlError {
  const complaints = body.match(/^ *- (\$\S* )?.*$/gm)?.map((line) => line.trim().slice(2)) ?? [];
  // The schema reports every member of every alternative as missing; what is wrong in the given keys is more useful.
  const useful = complaints.find((line) => line.startsWith('$') && !/is missing, but is required/.test(line));
  return new EnvctlError('SEED_FAILED', `MockServer: ${useful ?? complaints[0] ?? excerpt(body, 200)}`, {
    hint: 'Fix that expectation; https://www.mock-server.com/mock_server/creating_expectations.html lists the keys.',
    ...(complaints.length > 1 ? { detail: complaints.join('\n') } : {}),
    position: file.at(n),
  });
}

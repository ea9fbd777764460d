import { describe, expect, test } from 'vitest';
import { membersOf, type ProcessEntry, psProcess } from '../../../src/engines/embedded/processes/process-table.js';

const one = (pid: number, fields: Partial<ProcessEntry> = {}): ProcessEntry => ({
  pid,
  parent: 1,
  group: pid,
  session: pid,
  owner: null,
  command: 'x',
  ...fields,
});
const hidden = [/^postgres: /];
const pids = (
  all: readonly ProcessEntry[],
  folders: readonly string[],
  groups: readonly number[] = [],
): readonly number[] => membersOf(all, { folders, groups }, hidden).map(({ pid }) => pid);

describe('a process is ours', () => {
  test('by its group, or the session that it began in', () => {
    expect(pids([one(5), one(6, { group: 5, session: 5 }), one(7, { group: 7, session: 5 }), one(8)], [], [5])).toEqual(
      [5, 6, 7],
    );
  });

  test('by its mark, in the folder or below, and not by one that only begins alike', () => {
    expect(
      pids(
        [one(5, { owner: '/state/a' }), one(6, { owner: '/state/a/services/db/1' }), one(7, { owner: '/state/ab' })],
        ['/state/a'],
      ),
    ).toEqual([5, 6]);
  });

  test('by its birth, however deep', () => {
    expect(
      pids([one(9, { parent: 8 }), one(8, { parent: 7 }), one(7, { owner: '/state/a' }), one(6)], ['/state/a']),
    ).toEqual([9, 8, 7]);
  });

  test('unless it is the one that asks', () => {
    expect(pids([one(process.pid, { owner: '/state/a' }), one(7, { parent: process.pid })], ['/state/a'])).toEqual([7]);
  });
});

describe('a line of ps', () => {
  test('tells the mark out of the environment behind the command, folders with spaces too', () => {
    expect(
      psProcess(
        '  501   1  501 Ss   /bin/sh -c run HOME=/Users/ann ENVCTL_PROCESS=/Users/ann/Application Support/x/services/db/1 PATH=/bin',
      ),
    ).toEqual({
      pid: 501,
      parent: 1,
      group: 501,
      session: 501,
      owner: '/Users/ann/Application Support/x/services/db/1',
      command: '/bin/sh -c run HOME=/Users/ann ENVCTL_PROCESS=/Users/ann/Application Support/x/services/db/1 PATH=/bin',
    });
  });

  test('of a process that ended, or of none, tells nothing', () => {
    expect(psProcess('  501   1  501 Z+   (sh)')).toBeNull();
    expect(psProcess('')).toBeNull();
  });
});

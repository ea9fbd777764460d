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

describe('members of an origin', () => {
  test('include the processes of its groups and of the sessions these started', () => {
    expect(pids([one(5), one(6, { group: 5, session: 5 }), one(7, { group: 7, session: 5 }), one(8)], [], [5])).toEqual(
      [5, 6, 7],
    );
  });

  test('include processes marked with its folder or one below, but not with a folder of a similar name', () => {
    expect(
      pids(
        [one(5, { owner: '/state/a' }), one(6, { owner: '/state/a/services/db/1' }), one(7, { owner: '/state/ab' })],
        ['/state/a'],
      ),
    ).toEqual([5, 6]);
  });

  test('include all descendants of a member', () => {
    expect(
      pids([one(9, { parent: 8 }), one(8, { parent: 7 }), one(7, { owner: '/state/a' }), one(6)], ['/state/a']),
    ).toEqual([9, 8, 7]);
  });

  test('exclude the calling process but not its children', () => {
    expect(pids([one(process.pid, { owner: '/state/a' }), one(7, { parent: process.pid })], ['/state/a'])).toEqual([7]);
  });
});

describe('parsing a line of ps', () => {
  test('finds the owner among the variables after the command, also if it contains spaces', () => {
    const owner = '/Users/ann/Application Support/x/services/db/1';
    const command = `/bin/sh -c run HOME=/Users/ann ENVCTL_PROCESS=${owner} PATH=/bin`;
    expect(psProcess(`  501   1  501 Ss   ${command}`)).toEqual({
      pid: 501,
      parent: 1,
      group: 501,
      session: 501,
      owner: '/Users/ann/Application Support/x/services/db/1',
      command,
    });
  });

  test('returns null for a zombie and for an empty line', () => {
    expect(psProcess('  501   1  501 Z+   (sh)')).toBeNull();
    expect(psProcess('')).toBeNull();
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../../../src/engines/docker/spawn-group.js';

const never = new AbortController().signal;
const env = { PATH: process.env.PATH };

/** Processes whose command line holds the mark. */
function running(mark: string): number {
  const lines = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return lines.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark);
    } catch {
      return false;
    }
  }).length;
}

describe('running a program', () => {
  test('gives its output, its code and its lines', async () => {
    const lines: string[] = [];
    const result = await runCommand(['sh', '-c', 'cat; printf "é\\nx\\n"; echo bad >&2; exit 3'], {
      env,
      signal: never,
      timeoutMs: 5000,
      input: 'in ',
      onLine: (line) => lines.push(line),
    });
    expect(result).toEqual({ exitCode: 3, stdout: 'in é\nx\n', stderr: 'bad\n', end: 'exited' });
    expect(lines.sort()).toEqual(['bad', 'in é', 'x']);
  });

  test('says when there is no such program', async () => {
    expect(await runCommand(['no-such-program-here'], { env, signal: never, timeoutMs: 5000 })).toMatchObject({
      end: 'not found',
      exitCode: null,
    });
  });

  test('ends it with its children at the time limit, even those that ignore SIGTERM and hold the pipe', async () => {
    const mark = '987.123';
    const began = performance.now();
    const result = await runCommand(
      ['sh', '-c', `trap "" TERM; (trap "" TERM; sleep ${mark}; sleep ${mark}) & sleep ${mark}; sleep ${mark}`],
      { env, signal: never, timeoutMs: 200 },
    );
    expect(result.end).toBe('timed out');
    expect(performance.now() - began).toBeLessThan(4000);
    await expect.poll(() => running(mark)).toBe(0);
  });

  test('throws the reason of an abort, and leaves no process', async () => {
    const stop = new AbortController();
    const mark = '987.456';
    setTimeout(() => stop.abort(new Error('enough')), 100);
    await expect(
      runCommand(['sh', '-c', `sleep ${mark} & sleep ${mark}`], { env, signal: stop.signal, timeoutMs: null }),
    ).rejects.toThrow('enough');
    await expect.poll(() => running(mark)).toBe(0);
  });

  test('keeps it within its memory', async () => {
    const result = await runCommand([process.execPath, '-e', 'Buffer.alloc(3e9)'], {
      env,
      signal: never,
      timeoutMs: 10_000,
      memoryKiB: 2_000_000,
    });
    expect(result.exitCode).not.toBe(0);
  });

  test('passes words on as they are', async () => {
    const result = await runCommand(['printf', '%s|', '$HOME', '`x`', 'a b', "'"], {
      env,
      signal: never,
      timeoutMs: 5000,
      memoryKiB: 4_000_000,
    });
    expect(result.stdout).toBe("$HOME|`x`|a b|'|");
  });
});

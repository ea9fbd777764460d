import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type ProcessOptions, type ProcessResult, runProcess } from '../../src/processes/run-process.js';

const folder = mkdtempSync(join(tmpdir(), 'envctl-processes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (argv: readonly string[], options: Partial<ProcessOptions> = {}): Promise<ProcessResult> =>
  runProcess(argv, { env: { PATH: process.env.PATH }, signal: new AbortController().signal, ...options });

/** A duration for `sleep` that no other program of this machine uses. */
const uniqueSeconds = (): string => `${600 + Math.floor(Math.random() * 100)}.${process.pid}${Date.now() % 100_000}`;
const isRunning = (text: string): boolean =>
  spawnSync('ps', ['-Ao', 'command'], { encoding: 'utf8' })
    .stdout.split('\n')
    .some((line) => line.startsWith('sleep') && line.includes(text));

test('returns the exit code and both streams, exactly as written', async () => {
  expect(await run(['sh', '-c', 'printf "é\\nx"; echo bad >&2; exit 3'])).toEqual({
    exitCode: 3,
    stdout: 'é\nx',
    stderr: 'bad\n',
    end: 'exited',
  });
});

test('passes arguments on without a shell, also under a memory limit', async () => {
  const argv = ['printf', '%s|', '$HOME', '`x`', 'a b', "'", ''];
  for (const memoryKiB of [undefined, 4_000_000])
    expect((await run(argv, memoryKiB === undefined ? {} : { memoryKiB })).stdout).toBe("$HOME|`x`|a b|'||");
});

test('gives the program the variables it was passed and no others', async () => {
  const { stdout } = await run(['/usr/bin/env'], { env: { A: 'a$b', B: undefined } });
  expect(stdout).toBe('A=a$b\n');
});

test('runs in the root directory, or in the given one', async () => {
  expect((await run(['pwd'])).stdout).toBe('/\n');
  expect((await run(['pwd', '-P'], { cwd: '/usr' })).stdout).toBe('/usr\n');
});

test('writes text and bytes to stdin, and an empty stdin by default', async () => {
  expect((await run(['cat'], { stdin: 'text' })).stdout).toBe('text');
  expect((await run(['cat'], { stdin: Buffer.from('bytes') })).stdout).toBe('bytes');
  expect((await run(['cat'])).stdout).toBe('');
});

test('a program that ends without reading its stdin is not an error', async () => {
  expect(await run(['true'], { stdin: 'x'.repeat(10_000_000) })).toMatchObject({ exitCode: 0, end: 'exited' });
});

test('calls back for each line of both streams, split across writes or not', async () => {
  const lines: string[] = [];
  const script = 'printf "one "; sleep 0.05; printf "line\\nsecond\\n"; echo third >&2';
  await run(['sh', '-c', script], { onLine: (line) => lines.push(line) });
  expect(lines.sort()).toEqual(['one line', 'second', 'third']);
});

test('a program that does not exist ends with 127, "not found"', async () => {
  const started: unknown[] = [];
  expect(await run(['no-such-program'], { onStart: (program) => started.push(program) })).toMatchObject({
    exitCode: 127,
    end: 'not found',
    stderr: expect.stringContaining('ENOENT'),
  });
  expect(started).toEqual([]);
});

test('a file that cannot be executed ends with 126, "not executable"', async () => {
  const file = join(folder, 'data.txt');
  writeFileSync(file, '');
  chmodSync(file, 0o644);
  expect(await run([file])).toMatchObject({ exitCode: 126, end: 'not executable' });
});

test('a program that exits with 127 itself has exited', async () => {
  expect(await run(['sh', '-c', 'exit 127'])).toMatchObject({ exitCode: 127, end: 'exited' });
});

test('a program killed by a signal ends with 128 + its number', async () => {
  expect(await run(['sh', '-c', 'kill -9 $$'])).toMatchObject({ exitCode: 137, end: 'exited' });
});

test('at the time limit the whole group gets SIGTERM and may clean up', async () => {
  const result = await run(['sh', '-c', 'trap "echo cleaned up; exit 0" TERM; sleep 60 & wait'], { timeoutMs: 300 });
  expect(result).toEqual({ exitCode: 124, stdout: 'cleaned up\n', stderr: '', end: 'timed out' });
});

test('helpers that ignore SIGTERM and hold the output open are killed at the time limit', async () => {
  const seconds = uniqueSeconds();
  const script = `trap "" TERM; (trap "" TERM; sleep ${seconds}; sleep ${seconds}) & sleep ${seconds}`;
  expect(await run(['sh', '-c', script], { timeoutMs: 300 })).toMatchObject({ exitCode: 124, end: 'timed out' });
  await expect.poll(() => isRunning(seconds)).toBe(false);
});

test('helpers that ignore SIGTERM are killed when the program itself obeys it', async () => {
  const seconds = uniqueSeconds();
  const script = `(trap "" TERM; exec sleep ${seconds}) >/dev/null 2>&1 & exec sleep ${seconds}`;
  expect(await run(['sh', '-c', script], { timeoutMs: 300 })).toMatchObject({ end: 'timed out' });
  await expect.poll(() => isRunning(seconds)).toBe(false);
});

test('an abort ends the group and throws its reason', async () => {
  const seconds = uniqueSeconds();
  const abort = new AbortController();
  const running = run(['sh', '-c', `sleep ${seconds} & sleep ${seconds}`], {
    signal: abort.signal,
    onStart: () => abort.abort(new Error('enough')),
  });
  await expect(running).rejects.toThrow('enough');
  await expect.poll(() => isRunning(seconds)).toBe(false);
});

test('nothing is started for a signal that is aborted already', async () => {
  const file = join(folder, 'started');
  await expect(run(['touch', file], { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
  expect((await run(['test', '-e', file])).exitCode).toBe(1);
});

test('a program that writes more than the limit is ended', async () => {
  expect(await run(['yes'], { maxOutputBytes: 1000 })).toMatchObject({ exitCode: 1, end: 'too much output' });
});

test('a program stays within its memory limit', async () => {
  const argv = [process.execPath, '-e', 'Buffer.alloc(3e9)'];
  expect((await run(argv, { memoryKiB: 2_000_000 })).exitCode).not.toBe(0);
});

test('a running program can be sent a signal', async () => {
  const result = await run(['sleep', '60'], { onStart: (program) => program.kill('SIGINT') });
  expect(result).toMatchObject({ exitCode: 130, end: 'exited' });
});

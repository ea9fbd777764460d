import { readdir, readFile, stat } from 'node:fs/promises';
import type { ExecOptions, ExecResult, Host } from '../model/host.js';

/** This machine for core: commands, files. */
export function localHost(env: Readonly<Record<string, string | undefined>>): Host {
  return {
    run: (argv, options) => runCommand(argv, options, env),
    stat: statPath,
    read: (path) => readFile(path),
  };
}

async function statPath(path: string): ReturnType<Host['stat']> {
  const found = await stat(path).catch(() => null);
  if (!found) return null;
  if (found.isDirectory()) return { kind: 'directory', entries: (await readdir(path)).sort(), size: 0 };
  return { kind: found.isFile() ? 'file' : 'other', entries: [], size: found.size };
}

/** In a process group of its own, so that a time limit ends grandchildren too: they would keep the pipes open. */
async function runCommand(
  argv: readonly string[],
  options: ExecOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ExecResult> {
  const { execa } = await import('execa');
  options.signal.throwIfAborted();
  const [file = '', ...args] = argv;
  const child = execa(file, args, {
    cwd: options.cwd ?? process.cwd(),
    env: { ...environment, ...options.env },
    extendEnv: false,
    reject: false,
    detached: options.interactive !== true,
    stripFinalNewline: false,
    ...(options.interactive
      ? { stdio: 'inherit' as const }
      : {
          stdin: options.stdin === undefined ? ('ignore' as const) : 'pipe',
          ...(options.stdin === undefined ? {} : { input: options.stdin }),
        }),
  });
  let timedOut = false;
  const end = (): void => endGroup(child.pid);
  const timer =
    options.timeoutMs === undefined
      ? null
      : setTimeout(() => {
          timedOut = true;
          end();
        }, options.timeoutMs);
  options.signal.addEventListener('abort', end, { once: true });
  const result = await child;
  if (timer) clearTimeout(timer);
  options.signal.removeEventListener('abort', end);
  options.signal.throwIfAborted();
  return {
    exitCode: timedOut ? 124 : exitCodeOf(result),
    stdout: String(result.stdout ?? ''),
    stderr: String(result.stderr ?? ''),
  };
}

function exitCodeOf(result: { readonly exitCode?: number | undefined; readonly code?: string | undefined }): number {
  if (result.exitCode !== undefined) return result.exitCode;
  return result.code === 'ENOENT' ? 127 : result.code === 'EACCES' ? 126 : 1;
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

import { type ProcessOptions, type ProcessResult, runProcess } from '../../../processes/run-process.js';

/**
 * Runs a helper program that ends by itself (`tar`, `initdb`). It is not aborted: unfinished output is discarded later.
 */
export const runTool = (argv: readonly string[], options: Omit<ProcessOptions, 'signal'>): Promise<ProcessResult> =>
  runProcess(argv, { ...options, signal: new AbortController().signal });

/** Runs a system tool that fails only if something is wrong with this machine, such as a full disk. */
export async function requireTool(argv: readonly string[], env: ProcessOptions['env']): Promise<void> {
  const { exitCode, stderr } = await runTool(argv, { env });
  if (exitCode !== 0) throw new Error(`${argv[0]} failed with exit code ${exitCode}: ${stderr.trim()}`);
}

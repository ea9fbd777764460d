import { EnvctlError } from '../../model/errors.js';
import type { ExecResult } from '../../model/host.js';
import type { Position } from '../../model/profile.js';

interface CommandStep {
  readonly kind: string;
  readonly argv: readonly string[];
  readonly position: Position;
}

/** SEED_FAILED with the last 20 lines of the command's output. */
export function commandFailed(step: CommandStep, service: string, result: ExecResult): EnvctlError {
  const { exitCode, stdout, stderr } = result;
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  const command = `${step.kind} ${step.argv.join(' ')}`;
  return new EnvctlError('SEED_FAILED', `Seed "${command}" of service "${service}" exited with code ${exitCode}`, {
    hint:
      exitCode === 127
        ? 'The command was not found: check its name and the service it runs in.'
        : 'Run it manually with the variables that `envctl env` prints.',
    detail: lines.slice(-20).join('\n'),
    position: step.position,
    service,
  });
}

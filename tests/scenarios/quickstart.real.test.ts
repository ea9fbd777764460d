/** The quickstart works the same with and without Docker: one profile, one smoke suite, the same exports. */
import { afterAll, expect, test } from 'vitest';
import { type CommandResult, cleanEnv, envctl, root } from '../cli/command.js';
import { describeDocker, expectCode } from './vocabulary.js';

const engines = ['embedded', 'compose'];
const run = (engine: string, words: readonly string[]): Promise<CommandResult> => {
  const [verb = '', ...rest] = words;
  const argv = [verb, 'quickstart', '-i', `smoke-${engine}`, '--engine', engine, ...rest];
  return envctl(argv, { cwd: root, env: cleanEnv(), timeoutMs: 150_000 });
};

describeDocker('quickstart', { timeout: 180_000 }, () => {
  afterAll(async () => {
    for (const engine of engines) await run(engine, ['down']);
  });

  const names = new Map<string, readonly string[]>();
  test.each(engines)('the quickstart comes up on %s, and its smoke suite passes', async (engine) => {
    expectCode(await run(engine, ['up', '--ephemeral', '--progress', 'plain']), 0);
    const suite = await run(engine, [
      'run',
      '--',
      process.execPath,
      '--test',
      '--test-reporter=tap',
      'environments/quickstart/smoke/',
    ]);
    expectCode(suite, 0);
    expect(suite.stdout).toMatch(/^# pass [1-9]/m);
    expect(suite.stdout).toMatch(/^# fail 0/m);
    const exports = await run(engine, ['env', '--format', 'json']);
    names.set(engine, Object.keys(JSON.parse(exports.stdout) as object).sort());
    expectCode(await run(engine, ['down']), 0);
  });

  test('the quickstart exports the same names on both engines', () => {
    expect(names.get('compose')).toEqual(names.get('embedded'));
    expect(names.get('compose')).toContain('APP_URL');
  });
});

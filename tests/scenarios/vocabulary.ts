/**
 * Helpers of the scenario tests. A scenario states an obligation in its name and ends with a leak check: no object with
 * the labels of its projects may be left on the engine, and no volume of their containers. Other objects are ignored,
 * because other people may use the engine at the same time.
 */
import { randomUUID } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, test, vi } from 'vitest';
import type { CommandResult } from '../cli/command.js';
import type { Container } from './census.js';
import { makeProject, type Project, type ProjectOnEngine } from './project.js';

export { dockerAsync as docker, dockerEnded, imageHere, lines, withTag } from '../testing/docker-command.js';
export type { Container } from './census.js';
export type { Project } from './project.js';

/** Why the Docker tests are skipped here; null: they run. */
const noDocker = inject('noDocker');

export const describeDocker = describe.skipIf(noDocker !== null);

export interface Stage {
  /** Files by path; the text `copy:<path>` copies from the repository. */
  project(files: Readonly<Record<string, string>>): Project;
  /** Removes what is left, then throws if there was anything. */
  close(): Promise<void>;
}

/** Scenarios of a file run in parallel: most of their time is waiting. */
vi.setConfig({ maxConcurrency: 3 });

/** A test with a stage and a leak check. */
export function scenario(name: string, body: (stage: Stage) => Promise<void>, timeoutMs = 120_000): void {
  test(name, { skip: noDocker !== null, concurrent: true, timeout: timeoutMs }, async () => {
    const stage = openStage();
    try {
      await body(stage);
    } catch (error) {
      await stage.close().catch(() => undefined);
      throw error;
    }
    await stage.close();
  });
}

/** A stage for all tests of a file; the leak check comes after the last one. */
export function sharedStage(): Stage {
  const stage = openStage();
  afterAll(() => stage.close());
  return stage;
}

function openStage(): Stage {
  const home = join(realpathSync(tmpdir()), `envctl-scenario-${randomUUID()}`);
  const projects: ProjectOnEngine[] = [];
  return {
    project: (files) => {
      const project = makeProject(join(home, `p${projects.length + 1}`), join(home, 'user'));
      if (noDocker === null) project.fill(files);
      projects.push(project);
      return project;
    },
    close: async () => {
      const left = await Promise.all(projects.map((project) => project.leftovers()));
      await Promise.all(projects.map((project) => project.cleanUp()));
      rmSync(home, { recursive: true, force: true });
      expect(left.flat(), 'left behind on the engine').toEqual([]);
    },
  };
}

/** The file of a profile. */
export const profile = (name: string, text: string): Readonly<Record<string, string>> => ({
  [`environments/${name}.yaml`]: text,
});

/** A profile with the single service `a`. */
export const oneService = (keys: string): string =>
  `services:\n  a:\n    image: debian:bookworm-slim\n    ${keys.trim().split('\n').join('\n    ')}\n`;

/** Container ids by name, for a later comparison. */
export const idsOf = (containers: readonly Container[]): Readonly<Record<string, string>> =>
  Object.fromEntries(containers.map(({ name, id }) => [name, id]));

/** The output of `env --format json`. */
export async function exportsOf(project: Project, argv: string): Promise<Readonly<Record<string, string>>> {
  const { code, stdout, stderr } = await project.envctl(`env ${argv} --format json`);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, string>;
}

/** Fails with the command's output if its exit code is another one. */
export function expectCode(ended: CommandResult, code: number): void {
  expect({ code: ended.code, output: ended.code === code ? '' : ended.stdout + ended.stderr }).toEqual({
    code,
    output: '',
  });
}

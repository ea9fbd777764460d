/**
 * The words of the scenario tests. A scenario is an obligation in its name, sentences about state in its body, and a leak check at its end:
 * nothing that carries its projects' labels may be left on the engine, nor any volume that one of their containers had. Other people may use
 * the engine at the same time, so only our own objects are counted.
 */
import { randomUUID } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, test, vi } from 'vitest';
import type { Ended } from '../cli/command.js';
import type { Container } from './census.js';
import { makeProject, type Project, type ProjectOnEngine } from './project.js';

export { dockerAsync as docker, dockerEnded, imageHere, lines, withTag } from '../testing/docker-command.js';
export type { Container } from './census.js';
export type { Project } from './project.js';

/** Why the Docker tests cannot run here; null: they can. Tests are then skipped by name. */
const noDocker = inject('noDocker');

export const describeDocker = describe.skipIf(noDocker !== null);

export interface Stage {
  /** Files by path; a `copy:` in place of a text copies from the repository. */
  project(files: Readonly<Record<string, string>>): Project;
  /** Throws naming what is left; removes it in any case. */
  close(): Promise<void>;
}

/** Scenarios of a file run side by side: most of their time is waiting. */
vi.setConfig({ maxConcurrency: 3 });

/** One obligation, on a stage of its own. */
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

/** A stage that the tests of a file share; the leak check comes after the last. */
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
      await Promise.all(projects.map((project) => project.sweep()));
      rmSync(home, { recursive: true, force: true });
      expect(left.flat(), 'left behind on the engine').toEqual([]);
    },
  };
}

/** A profile of one project by name. */
export const profile = (name: string, text: string): Readonly<Record<string, string>> => ({
  [`environments/${name}.yaml`]: text,
});

/** The words of a profile with the single service `a`. */
export const oneService = (words: string): string =>
  `services:\n  a:\n    image: debian:bookworm-slim\n    ${words.trim().split('\n').join('\n    ')}\n`;

/** Ids by service, to be compared with those of later. */
export const idsOf = (containers: readonly Container[]): Readonly<Record<string, string>> =>
  Object.fromEntries(containers.map(({ name, id }) => [name, id]));

/** What `env --format json` tells. */
export async function exportsOf(project: Project, argv: string): Promise<Readonly<Record<string, string>>> {
  const { code, stdout, stderr } = await project.envctl(`env ${argv} --format json`);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, string>;
}

/** Fails with the command's own words where the code is another one. */
export function expectCode(ended: Ended, code: number): void {
  expect({ code: ended.code, said: ended.code === code ? '' : ended.stdout + ended.stderr }).toEqual({
    code,
    said: '',
  });
}

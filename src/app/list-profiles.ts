import { findProject, listProfiles } from '../files/project.js';
import { readDocument } from '../files/yaml/document.js';

export interface ProfileSummary {
  readonly name: string;
  readonly summary: string;
  readonly path: string;
}

/** The profiles of the project around `cwd`, with their summaries. */
export async function profileSummaries(cwd: string): Promise<readonly ProfileSummary[]> {
  return Promise.all(
    listProfiles(findProject(cwd)).map(async ({ name, path }) => ({
      name,
      summary: String((await readDocument(path)).value.summary ?? ''),
      path,
    })),
  );
}

/** The same profiles, names only. Synchronous, because shell completion cannot wait. */
export const profileNames = (cwd: string): readonly string[] => listProfiles(findProject(cwd)).map(({ name }) => name);

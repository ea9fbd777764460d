/** A profile that several scenarios change and look at: a database, an app that needs it, and one beside. */
import type { Project } from './vocabulary.js';

export const three = (more = ''): string => `services:
  db: { template: postgres }
  app: { image: debian:bookworm-slim, command: sleep 600, environment: { DATABASE_URL: "\${db.url}"${more} } }
  beside: { image: debian:bookworm-slim, command: sleep 600 }
`;

/** The same without data to look at. */
export const small = three().replace('postgres', 'redis');

/** How many rows `fill` left in the database. */
export const rows = async (project: Project): Promise<string> =>
  (
    await project.envctl([
      'exec',
      '-T',
      'p',
      'db',
      'sh',
      '-c',
      'psql -qAt -h 127.0.0.1 -U "$POSTGRES_USER" "$POSTGRES_DB" -c "select count(*) from kept"',
    ])
  ).stdout.trim();

export const fill = (project: Project): Promise<unknown> =>
  project.envctl([
    'exec',
    '-T',
    'p',
    'db',
    'sh',
    '-c',
    'psql -qAt -h 127.0.0.1 -U "$POSTGRES_USER" "$POSTGRES_DB" -c "create table kept as select generate_series(1, 7)"',
  ]);

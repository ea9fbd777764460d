/** A profile that several scenarios use: a database, an app that needs it, and an independent service. */
import { expectCode, type Project } from './vocabulary.js';

export const three = (more = ''): string => `services:
  db: { template: postgres }
  app: { image: debian:bookworm-slim, command: sleep 600, environment: { DATABASE_URL: "\${db.url}"${more} } }
  beside: { image: debian:bookworm-slim, command: sleep 600 }
`;

/** The same with a cache instead of a database. */
export const small = three().replace('postgres', 'redis');

export const fill = (project: Project): Promise<string> =>
  psql(project, 'create table kept as select generate_series(1, 7)');

/** Number of rows `fill` inserted. */
export const rows = (project: Project): Promise<string> => psql(project, 'select count(*) from kept');

async function psql(project: Project, text: string): Promise<string> {
  const command = 'psql -qAt -h 127.0.0.1 -U "$POSTGRES_USER" "$POSTGRES_DB" -c "$0"';
  const ended = await project.envctl(['exec', '-T', 'p', 'db', '--', 'sh', '-c', command, text]);
  expectCode(ended, 0);
  return ended.stdout.trim();
}

import { basename } from 'node:path';
import { seedKind } from './seed-kind.js';

declare module '../../model/service.js' {
  interface SeedSteps<Text> {
    readonly sql: { readonly file: string };
  }
}

export const sql = seedKind({
  kind: 'sql',
  keys: { sql: { type: 'path', required: true, describe: 'SQL file, or a folder of them' } },
  read: ({ sql: file }) => ({ file }),
  title: ({ file }) => basename(file),
  unit: 'statements',
  folderOf: '.sql',
  changed: 'refuse',
  // MySQL commits at every CREATE, ALTER and DROP.
  interrupted: 'refuse',
});

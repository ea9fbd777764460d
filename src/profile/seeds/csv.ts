import { basename } from 'node:path';
import { seedKind } from './seed-kind.js';

declare module '../../model/service.js' {
  interface SeedSteps<Text> {
    readonly csv: { readonly file: string; readonly table: string; readonly delimiter: string };
  }
}

export const csv = seedKind({
  kind: 'csv',
  keys: {
    csv: {
      type: 'path',
      required: true,
      describe: 'CSV file, or a folder of them; the first line has the column names',
    },
    table: { type: 'text', required: true, describe: 'Table to load the rows into' },
    delimiter: { type: 'character', describe: 'Character between values; default a comma' },
  },
  read: ({ csv: file, table, delimiter = ',' }) => ({ file, table, delimiter }),
  title: ({ file }) => basename(file),
  unit: 'rows',
  folderOf: '.csv',
  changed: 'refuse',
  interrupted: 'rerun',
});

import { basename } from 'node:path';
import { seedKind } from './seed-kind.js';

declare module '../../model/service.js' {
  interface SeedSteps<Text> {
    readonly redis: { readonly file: string };
  }
}

export const redis = seedKind({
  kind: 'redis',
  keys: { redis: { type: 'path', required: true, describe: 'JSON file: key → value, or { type, value, ttl }' } },
  read: ({ redis: file }) => ({ file }),
  title: ({ file }) => basename(file),
  unit: 'keys',
  folderOf: '.json',
  changed: 'reapply',
  interrupted: 'rerun',
});

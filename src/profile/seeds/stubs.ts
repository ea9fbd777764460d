import { basename } from 'node:path';
import { seedKind } from './seed-kind.js';

declare module '../../model/service.js' {
  interface SeedSteps<Text> {
    readonly stubs: { readonly file: string };
  }
}

export const stubs = seedKind({
  kind: 'stubs',
  keys: {
    stubs: {
      type: 'path',
      required: true,
      describe: 'JSON file of WireMock mappings or MockServer expectations, or a folder of them',
    },
  },
  read: ({ stubs: file }) => ({ file }),
  title: ({ file }) => basename(file),
  unit: 'stubs',
  folderOf: '.json',
  changed: 'reapply',
  interrupted: 'rerun',
});

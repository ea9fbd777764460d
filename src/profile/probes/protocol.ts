import { probeKind } from './probe-kind.js';

declare module '../../model/service.js' {
  interface ProbeFields<Text, Options> {
    readonly protocol: { readonly protocol: string; readonly port: string; readonly options: Options };
  }
}

/** Asked through a wire protocol; `read.ts` reads it by the names and options of the protocols' registry. */
export const protocol = probeKind({
  kind: 'protocol',
  form: 'none',
  title: ({ protocol: name }) => name,
  askedFrom: 'host',
  cheap: true,
  bind: (fields, fill) => ({ ...fields, options: fill.map(fields.options) }),
  ask: async ({ protocol: name, options }, context) => (await context.protocol(name)).probe(context.access, options),
});

import { defineCommand } from '../command.js';

export const schema = defineCommand({
  name: 'schema',
  arguments: '',
  group: 'Other commands:',
  summary: 'Print the JSON Schema of profiles, for editors',
  options: {},
  run: async ({ context }) => {
    const { profileJsonSchema } = await import('../../files/schema.js');
    context.stdout.write(`${JSON.stringify(profileJsonSchema(), null, 2)}\n`);
    return 0;
  },
});

import { profileJsonSchema } from '../../files/schema.js';
import type { CliContext } from '../context.js';

/** `envctl schema`: the JSON Schema that comes with the package as profile.schema.json. */
export async function schemaCommand(_options: object, context: CliContext): Promise<number> {
  context.stdout.write(`${JSON.stringify(profileJsonSchema(), null, 2)}\n`);
  return 0;
}

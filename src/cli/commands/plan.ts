import { defineCommand } from '../command.js';
import { withEventSink } from '../event-sink.js';
import {
  bringUpOptions,
  instanceOptions,
  outputOptions,
  profileOptions,
  profileSettings,
  sessionRequest,
  without,
} from '../options.js';

export const plan = defineCommand({
  name: 'plan',
  arguments: '[profile] [services...]',
  group: 'Inspection commands:',
  summary: 'Show what `up` would do, without changing anything',
  options: { without: without(), ...bringUpOptions, ...profileOptions, ...instanceOptions, ...outputOptions },
  run: async ({ profile, operands, options, context }) => {
    const [{ openSession }, { previewPlan }, { renderPlan }] = await Promise.all([
      import('../../app/session.js'),
      import('../../app/preview-plan.js'),
      import('../../plan/plan.js'),
    ]);
    return withEventSink({ ...options, output: 'text' }, context, async ({ emit }) => {
      const session = await openSession(sessionRequest(profile, options), context);
      const settings = { ...profileSettings(options, context), services: operands, without: options.without };
      const preview = await previewPlan(session, { ...settings, emit });
      const text = options.output === 'json' ? JSON.stringify({ version: 1, ...preview }) : renderPlan(preview);
      context.stdout.write(`${text}\n`);
      return 0;
    });
  },
});

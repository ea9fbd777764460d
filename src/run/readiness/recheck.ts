/** The final readiness check: a service that became ready may have failed since. */

import { EnvctlError } from '../../model/errors.js';
import type { BoundService } from '../../model/service.js';
import { keepHint } from '../keep-hint.js';
import { lastLines } from '../last-lines.js';
import { serviceNamed, type UpContext } from '../up-context.js';
import { checkService } from './check-replica.js';
import { readyDetail } from './ready-detail.js';

/** Throws SERVICE_FAILED. */
export async function recheckServices(names: readonly string[], run: UpContext): Promise<void> {
  await run.watcher.refresh();
  await Promise.all(names.map((name) => recheckService(serviceNamed(name, run), run)));
}

/** Time for a gate that closed again: the service may only be busy. */
const gracePeriodMs = 5000;

async function recheckService(service: BoundService, run: UpContext): Promise<void> {
  const giveUpAt = performance.now() + gracePeriodMs;
  for (;;) {
    const result = await checkService(service, run);
    if (result.kind === 'ready') {
      if (service.once === 'maybe' && run.watcher.of(service.name)[0]?.state === 'exited')
        run.emit({ type: 'ready', service: service.name, ms: 0, detail: readyDetail(service, run) });
      return;
    }
    if (result.kind === 'never' || performance.now() > giveUpAt) throw await noLongerReady(service, result.why, run);
    await run.watcher.changed(service.name, 100);
  }
}

async function noLongerReady({ name, position }: BoundService, why: string, run: UpContext): Promise<EnvctlError> {
  const [first] = run.watcher.of(name);
  return new EnvctlError('SERVICE_FAILED', `Service "${name}" is no longer ready: ${why}`, {
    hint: `Its log may show why; running out of memory is a common cause. ${keepHint}`,
    position,
    service: name,
    detail: first ? await lastLines(run.engine, first) : '',
  });
}

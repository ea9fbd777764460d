import { deadline } from '../../model/deadline.js';
import { formatDuration } from '../../model/durations.js';
import { EnvctlError } from '../../model/errors.js';
import type { SeedTask, ServiceAccess } from '../../model/protocol.js';
import type { SeedStepOf } from '../../model/service.js';
import { words } from '../shared/attempt.js';
import { type Answer, excerpt, exchange, urlAt } from './exchange.js';

type HttpStep = SeedStepOf<'http', string>;

/** Long enough for a request that fills something, short enough to end. */
const REQUEST_MS = 30_000;

/**
 * Sends one request, to a path of the service or to an absolute URL. Keeps no ledger: that is the service's own protocol's, or nobody's.
 * Throws SEED_FAILED at the step where nothing answers, or not with the accepted status.
 */
export async function seedHttp(reach: ServiceAccess, task: SeedTask<'http'>): Promise<number> {
  const { step } = task;
  const url = target(reach, step);
  const answer = await send(reach, task, { step, url });
  const fits = step.status === null ? answer.status >= 200 && answer.status < 300 : answer.status === step.status;
  if (fits) return 1;
  throw new EnvctlError('SEED_FAILED', `${named(step, url)} answered ${answer.status}`, {
    hint: `Mend the request, or say which status is right: status: ${answer.status}.`,
    detail: excerpt(answer.body, 2000),
    position: step.position,
  });
}

function target(reach: ServiceAccess, step: HttpStep): URL {
  if (URL.canParse(step.url)) return new URL(step.url);
  if (reach.at !== null) return urlAt(reach.at, step.url);
  throw new EnvctlError('SEED_FAILED', `no address of ${reach.service} can be reached from this host`, {
    hint: 'Give the service a port, or write the whole URL.',
    position: step.position,
  });
}

async function send(
  reach: ServiceAccess,
  task: SeedTask<'http'>,
  { step, url }: { step: HttpStep; url: URL },
): Promise<Answer> {
  const body = step.file === null ? step.body : await task.host.read(step.file);
  const signal = deadline(REQUEST_MS, reach.signal);
  try {
    return await exchange(url, {
      method: step.method,
      headers: step.headers,
      signal,
      ...(body === null ? {} : { body }),
    });
  } catch (error) {
    reach.signal.throwIfAborted();
    throw new EnvctlError(
      'SEED_FAILED',
      `${named(step, url)}: ${signal.aborted ? `no answer within ${formatDuration(REQUEST_MS)}` : words(error)}`,
      {
        hint: 'Check the URL; if another service must be up first, name it: seed: { after: [service], steps: … }.',
        position: step.position,
        cause: error,
      },
    );
  }
}

/** The request without user, password and query, which may be secrets. */
function named(step: HttpStep, url: URL): string {
  return `${step.method} ${url.protocol}//${url.host}${url.pathname}`;
}

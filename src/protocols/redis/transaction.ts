import type { ChainableCommander } from 'ioredis';

/** Runs a MULTI. Rejects with the error of the first refused command: EXEC itself fails without a reason. */
export async function execute(multi: ChainableCommander): Promise<void> {
  const results = await multi.exec().catch((error: unknown) => {
    throw (error instanceof Error && Reflect.get(error, 'previousErrors')?.[0]) || error;
  });
  const failed = results?.find(([error]) => error !== null);
  if (failed?.[0]) throw failed[0];
}

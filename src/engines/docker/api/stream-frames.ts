/** A piece of output as the engine sends it. */
export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

const headerLength = 8;

/**
 * Takes the engine's multiplexed stream apart (Engine API, "Attach to a container": eight bytes of header, the second four the length).
 * A loop over the stream holds the sender back while its reader is busy, which dockerode's `demuxStream` does not: memory stays flat.
 * `kind: 'raw'` is what a container with a terminal sends.
 */
export async function* readFrames(
  stream: AsyncIterable<Uint8Array>,
  kind: 'multiplexed' | 'raw',
): AsyncGenerator<Frame> {
  if (kind === 'raw') {
    for await (const bytes of stream) yield { stream: 'stdout', bytes };
    return;
  }
  let header = Buffer.alloc(0);
  let open: { readonly stream: Frame['stream']; left: number } | null = null;
  for await (const chunk of stream) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (rest.length > 0) {
      if (open === null) {
        const missing = headerLength - header.length;
        header = Buffer.concat([header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (header.length < headerLength) continue;
        open = { stream: header[0] === 2 ? 'stderr' : 'stdout', left: header.readUInt32BE(4) };
        header = Buffer.alloc(0);
      }
      const bytes = rest.subarray(0, open.left);
      rest = rest.subarray(open.left);
      open.left -= bytes.length;
      if (bytes.length > 0) yield { stream: open.stream, bytes };
      if (open.left === 0) open = null;
    }
  }
}

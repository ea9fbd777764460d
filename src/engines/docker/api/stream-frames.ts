/** Bytes of one output stream. */
export interface OutputFrame {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

const headerLength = 8;

/**
 * Separates stdout and stderr of a multiplexed stream (Engine API, "Attach to a container": a header of eight bytes,
 * the last four of which are the length). The engine waits while the reader is busy, so memory use is constant;
 * dockerode's `demuxStream` buffers instead. Containers with a terminal send a `raw` stream.
 */
export async function* readFrames(
  stream: AsyncIterable<Uint8Array>,
  kind: 'multiplexed' | 'raw',
): AsyncGenerator<OutputFrame> {
  if (kind === 'raw') {
    for await (const bytes of stream) yield { stream: 'stdout', bytes };
    return;
  }
  let header = Buffer.alloc(0);
  let open: { readonly stream: OutputFrame['stream']; left: number } | null = null;
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

import type { Duplex } from 'node:stream';

/** Messages over a stream: one JSON text a line. */
export interface JsonLines {
  /** Resolves when the other end's system took it, or is gone; false then. */
  send(message: unknown): Promise<boolean>;
}

/**
 * Calls back for each message, in order. A line that is too long or no JSON ends the stream, with an error for who
 * listens to it.
 */
export function jsonLines(
  stream: Duplex,
  longestLine: number,
  receive: (message: unknown) => void,
): JsonLines {
  let parts: Buffer[] = [];
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0 && !stream.destroyed; end = rest.indexOf(10)) {
      const line = Buffer.concat([...parts, rest.subarray(0, end)]);
      rest = rest.subarray(end + 1);
      parts = [];
      length = 0;
      let message: unknown;
      try {
        message = JSON.parse(line.toString('utf8'));
      } catch {
        // Not the parser's words: they quote what came.
        stream.destroy(new Error('a line is not JSON'));
        return;
      }
      receive(message);
    }
    parts.push(rest);
    length += rest.length;
    if (length > longestLine) stream.destroy(new Error('a line is too long'));
  });
  return {
    send: (message) =>
      new Promise((resolve) => {
        if (stream.destroyed || stream.writableEnded) {
          resolve(false);
          return;
        }
        stream.once('close', gone);
        stream.write(`${JSON.stringify(message)}\n`, (error) => {
          stream.off('close', gone);
          resolve(!(error instanceof Error));
        });
        function gone(): void {
          resolve(false);
        }
      }),
  };
}

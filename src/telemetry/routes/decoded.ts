import { setImmediate } from 'node:timers/promises';
import { decodedText, EncodingError, PIECE_BYTES, saveAsUtf8 } from '../../core/encoding.ts';
import { defined } from '../../core/defined.ts';
import { routeInvalid } from './routeInvalid.ts';

/**
 * The same pieces, and a turn for others after each, which takes 10 to 25 ms to parse: a process that also serves
 * vehicles or an editor is not kept from it meanwhile.
 */
export async function* inTurns(pieces: Iterable<string>): AsyncGenerator<string, void> {
  for (const piece of pieces) {
    yield piece;
    await setImmediate();
  }
}

/**
 * The text of a file, piece by piece. Throws ROUTE_INVALID with the line that is not text.
 * @param progress is told what part of the bytes has been taken
 */
export function* decoded(
  bytes: Uint8Array,
  file: string,
  progress: (part: number) => void = () => undefined,
): Generator<string, void> {
  let pieces = 0;
  try {
    for (const piece of decodedText(bytes)) {
      yield piece;
      progress(Math.min(1, (++pieces * PIECE_BYTES) / bytes.length));
    }
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error;
    throw routeInvalid(file, error.why, defined({ line: error.line }), error, { remedy: saveAsUtf8() });
  }
}

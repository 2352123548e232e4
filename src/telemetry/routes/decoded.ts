import { setImmediate } from 'node:timers/promises';
import { TextDecoder } from 'node:util';
import { l10n } from '../../core/message.ts';
import { routeInvalid } from './routeInvalid.ts';

/** Characters at a time: as much as an XML parser holds of one piece of text. */
const PIECE = 65_536;

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

/** The text of a file, piece by piece: as its byte order mark or XML declaration says, or UTF-8. */
export function* decoded(bytes: Uint8Array, file: string): Generator<string, void> {
  const encoding = encodingOf(bytes);
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch (error) {
    throw routeInvalid(
      file,
      l10n.t('its encoding "{encoding}" is not known', { encoding }),
      { line: 1 },
      error,
    );
  }
  for (let from = 0; from < bytes.length || from === 0; from += PIECE) {
    const last = from + PIECE >= bytes.length;
    let text: string;
    try {
      text = decoder.decode(bytes.subarray(from, from + PIECE), { stream: !last });
    } catch (error) {
      throw routeInvalid(
        file,
        l10n.t('after byte {position} there is something that is not {encoding} text', {
          position: from,
          encoding,
        }),
        {},
        error,
      );
    }
    if (text !== '') yield text;
  }
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const start = String.fromCharCode(...bytes.subarray(0, 200));
  const [, declared] =
    /^(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(start) ?? [];
  return declared?.toLowerCase() ?? 'utf-8';
}

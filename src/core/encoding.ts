import { TextDecoder } from 'node:util';
import { l10n, type Message } from './message.ts';

/** Bytes at a time: as much as an XML parser holds of one piece of text. */
export const PIECE_BYTES = 65_536;
/** Bytes from which the encoding is told. */
const START = 1024;

/** The bytes are not text in the encoding that the file has, or says that it has. */
export class EncodingError extends Error {
  /** Part of a sentence: "this is not text in utf-8". */
  readonly why: Message;
  /** From 1, if the place is known. */
  readonly line: number | undefined;
  constructor(why: Message, line: number | undefined, cause: unknown) {
    super('This is not text.', { cause });
    this.name = 'EncodingError';
    this.why = why;
    this.line = line;
  }
}

/** What to do with a file whose encoding is not known. */
export function saveAsUtf8(): Message {
  return l10n.t('Save it as UTF-8 (in a spreadsheet: "CSV UTF-8").');
}

/**
 * The text of a file, piece by piece, without its byte order mark. One place decides the encoding of routes and fleet
 * files alike: as the byte order mark says, or the zeros of UTF-16, or the XML declaration, else UTF-8. Nothing is
 * guessed: another code page has other letters for the same bytes.
 * @throws EncodingError
 */
export function* decodedText(bytes: Uint8Array): Generator<string, void> {
  const encoding = encodingOf(bytes);
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch (error) {
    throw new EncodingError(l10n.t('its encoding "{encoding}" is not known', { encoding }), 1, error);
  }
  let line = 1;
  for (let from = 0; from < bytes.length || from === 0; from += PIECE_BYTES) {
    const last = from + PIECE_BYTES >= bytes.length;
    const piece = bytes.subarray(from, from + PIECE_BYTES);
    let text: string;
    try {
      text = decoder.decode(piece, { stream: !last });
    } catch (error) {
      const why = l10n.t('this is not text in {encoding}', { encoding: encoding.toUpperCase() });
      throw new EncodingError(why, encoding === 'utf-8' ? line + linesBefore(piece) : undefined, error);
    }
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) line++;
    if (text !== '') yield text;
  }
}

/** The whole text. @throws EncodingError */
export function wholeText(bytes: Uint8Array): string {
  return [...decodedText(bytes)].join('');
}

/** The name that the WHATWG gives the encoding, or the one that the file declares. */
export function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const start = bytes.subarray(0, START);
  // Of text in UTF-16, most characters have a byte that is zero; text in any other encoding has none.
  const zeros = [0, 1].map((parity) => start.filter((byte, i) => byte === 0 && i % 2 === parity).length);
  const [even = 0, odd = 0] = zeros;
  if (odd > start.length / 4 && even === 0) return 'utf-16le';
  if (even > start.length / 4 && odd === 0) return 'utf-16be';
  const ascii = String.fromCharCode(...start.subarray(0, 200));
  const [, declared] =
    /^(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(ascii) ?? [];
  // A declaration that can be read byte by byte is not UTF-16, whatever it says.
  return declared === undefined || /^(?:utf-?16|ucs-?2|iso-10646|utf-?8)/i.test(declared)
    ? 'utf-8'
    : declared.toLowerCase();
}

/** Lines that end before the first one that cannot be decoded. The first and the last one may be cut. */
function linesBefore(piece: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let lines = 0;
  for (let from = 0; ; lines++) {
    const end = piece.indexOf(0x0a, from);
    if (end < 0) return lines;
    try {
      decoder.decode(piece.subarray(from, end));
    } catch {
      // The rest of a character that began in the piece before stands at the very beginning.
      if (from > 0 || !isContinuation(piece[0])) return lines;
    }
    from = end + 1;
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

import { SaxesParser } from 'saxes';
import { l10n } from '../../core/message.ts';
import { BOUNDS, tooDeep } from './bounds.ts';
import { decoded, inTurns } from './decoded.ts';
import { routeInvalid } from './routeInvalid.ts';

export type Attributes = Readonly<Record<string, string>>;

/** What a format makes of an XML file; names come without their namespace prefix. */
export interface XmlReader {
  /** `path` ends with the element itself; lines count from 1. */
  open(path: readonly string[], attributes: Attributes, line: number): void;
  /** All text between two tags, however long. */
  text(path: readonly string[], text: string): void;
  close(path: readonly string[], line: number): void;
  /** Does what was put off, so that others have their turns meanwhile. */
  settle?(): Promise<void>;
}

/** What is not well-formed, but harms nothing: devices write control characters into names. */
const HARMLESS = 'disallowed character';

/**
 * Reads an XML file piece by piece, so that memory does not grow with it. Entities that a file declares are refused
 * with the declaration, external ones are never fetched, and nesting and attributes have bounds.
 */
export async function readXml(
  bytes: Uint8Array,
  file: string,
  progress: (part: number) => void,
  reader: XmlReader,
): Promise<void> {
  const parser = new SaxesParser({ xmlns: false });
  const path: string[] = [];
  const names = new Map<string, string>();
  let attributes = 0;
  const where = (element = path.at(-1)) =>
    element === undefined ? { line: parser.line } : { line: parser.line, element };
  Object.assign(parser.ENTITIES, LATIN_ENTITIES);

  parser.on('error', (error) => {
    // The parser puts line and column before it.
    const problem = error.message.replace(/^\d+:\d+: /, '');
    if (problem.includes(HARMLESS)) return;
    throw routeInvalid(
      file,
      l10n.t('this is not well-formed XML ({problem})', {
        problem: problem.replace(/\.$/, '').toLowerCase().slice(0, 80),
      }),
      where(),
      error,
    );
  });
  parser.on('doctype', (doctype) => {
    if (/\[|<!/.test(doctype))
      throw routeInvalid(file, l10n.t('entities and other declarations are not read'), where('DOCTYPE'));
  });
  parser.on('attribute', () => {
    if (++attributes > BOUNDS.attributes)
      throw routeInvalid(file, l10n.t('more than {count} attributes', { count: BOUNDS.attributes }), where());
  });
  parser.on('opentag', (tag) => {
    attributes = 0;
    path.push(localName(tag.name));
    if (path.length > BOUNDS.nesting) throw routeInvalid(file, tooDeep(), where());
    reader.open(path, tag.attributes, parser.line);
  });
  parser.on('text', (text) => reader.text(path, text));
  parser.on('cdata', (text) => reader.text(path, text));
  parser.on('closetag', () => {
    reader.close(path, parser.line);
    path.pop();
  });

  for await (const piece of inTurns(decoded(bytes, file, progress))) {
    parser.write(piece);
    await reader.settle?.();
  }
  parser.close();
  await reader.settle?.();

  /** Kept, for a file has few names and very many elements. */
  function localName(name: string): string {
    const known = names.get(name);
    if (known !== undefined) return known;
    const local = name.slice(name.indexOf(':') + 1);
    if (names.size < 1000) names.set(name, local);
    return local;
  }
}

/** Names of HTML for the letters from U+00A0 to U+00FF, which programs write without declaring them. */
const LATIN_ENTITIES = Object.fromEntries(
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
    .split(' ')
    .map((name, index) => [name, String.fromCharCode(0xa0 + index)]),
);

import sax from 'sax';
import { defined } from '../../core/defined.ts';
import { l10n } from '../../core/message.ts';
import { BOUNDS, tooDeep } from './bounds.ts';
import { decoded, inTurns } from './decoded.ts';
import { routeInvalid, type Where } from './routeInvalid.ts';

/** What a format makes of an XML file; names come without their namespace prefix. */
export interface XmlReader {
  /** `path` ends with the element itself. */
  open(path: readonly string[], attributes: Readonly<Record<string, string>>, where: Where): void;
  text(path: readonly string[], text: string): void;
  close(path: readonly string[], where: Where): void;
}

/**
 * Reads an XML file piece by piece, so that memory does not grow with it. Entities that a file declares are refused
 * with the declaration, external ones are never fetched, and nesting and attributes have bounds.
 */
export async function readXml(bytes: Uint8Array, file: string, reader: XmlReader): Promise<void> {
  const parser = sax.parser(true, { position: true });
  const path: string[] = [];
  let attributes = 0;
  const where = (element = path.at(-1)): Where => defined({ line: parser.line + 1, element });

  parser.onerror = (error) => {
    // The parser adds line, column and character on lines of their own.
    const [problem = ''] = error.message.split('\n');
    throw routeInvalid(
      file,
      l10n.t('this is not well-formed XML ({problem})', { problem: problem.toLowerCase().slice(0, 80) }),
      where(),
      error,
    );
  };
  parser.ondoctype = (doctype) => {
    if (/\[|<!/.test(doctype))
      throw routeInvalid(file, l10n.t('entities and other declarations are not read'), where('DOCTYPE'));
  };
  parser.onattribute = () => {
    if (++attributes > BOUNDS.attributes)
      throw routeInvalid(file, l10n.t('more than {count} attributes', { count: BOUNDS.attributes }), where());
  };
  parser.onopentag = (tag) => {
    attributes = 0;
    path.push(localName(tag.name));
    if (path.length > BOUNDS.nesting) throw routeInvalid(file, tooDeep(), where());
    reader.open(path, tag.attributes as Record<string, string>, where());
  };
  parser.ontext = (text) => reader.text(path, text);
  parser.oncdata = (text) => reader.text(path, text);
  parser.onclosetag = () => {
    reader.close(path, where());
    path.pop();
  };

  for await (const piece of inTurns(decoded(bytes, file))) parser.write(piece);
  parser.close();
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

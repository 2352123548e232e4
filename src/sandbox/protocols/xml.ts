/** Elements by name; `@name` is an attribute. Undefined values are omitted; an array repeats its element. */
export interface XmlObject {
  [name: string]: XmlValue;
}
export type XmlValue =
  string | number | boolean | undefined | XmlObject | readonly XmlObject[] | readonly string[];

export function toXml(document: XmlObject): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elements(document)}`;
}

function elements(parent: XmlObject): string {
  return Object.entries(parent)
    .filter(([name]) => !name.startsWith('@'))
    .flatMap(([name, value]) => [value].flat().map((each) => element(name, each)))
    .join('');
}

function element(name: string, value: string | number | boolean | undefined | XmlObject): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return `<${name}>${escape(String(value))}</${name}>`;
  const attributes = Object.entries(value).flatMap(([key, text]) =>
    key.startsWith('@') && typeof text === 'string' ? [` ${key.slice(1)}="${escape(text)}"`] : [],
  );
  return `<${name}${attributes.join('')}>${elements(value)}</${name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
/** Characters that are not allowed in XML. */
const FORBIDDEN = /(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu;

function escape(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
    .replace(FORBIDDEN, '\ufffd');
}

/** A list in the Query protocol. */
export function members(items: readonly XmlObject[] | readonly string[]): XmlObject | string {
  return items.length === 0 ? '' : { member: items };
}

/** A time in the Query protocol, from milliseconds since 1970. */
export function xmlTime(ms: number): string {
  return new Date(ms).toISOString();
}

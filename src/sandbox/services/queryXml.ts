import XMLBuilder from 'fast-xml-builder';

/** Elements by name; `@name` is an attribute, undefined is left out. */
export interface XmlObject {
  [name: string]: XmlValue;
}
export type XmlValue =
  string | number | boolean | undefined | XmlObject | readonly XmlObject[] | readonly string[];

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/** Characters that no XML document may hold. */
const forbidden = /(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu;

export function toXml(document: XmlObject): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(document).replace(forbidden, '\ufffd')}`;
}

/** A list as the Query protocol writes it. */
export function members(items: readonly XmlObject[] | readonly string[]): XmlObject | string {
  return items.length === 0 ? '' : { member: items };
}

/** Milliseconds since 1970 as the Query protocol writes a time. */
export function xmlTime(ms: number): string {
  return new Date(ms).toISOString();
}

import path from 'node:path';
import { l10n } from '../../core/message.ts';
import type { Archive } from './archive.ts';
import type { Collector } from './collector.ts';
import { noteLinks, readKml } from './readKml.ts';

/**
 * The KML files of a KMZ: the main one (the first `.kml`, one at the top before one in a folder) and those in the
 * archive that it links to; all of them, if that is no line. Source: OGC KML 2.3, annex C.
 */
export async function readKmz(archive: Archive, file: string, collector: Collector): Promise<'stated'> {
  const documents = archive.names.filter(isKml);
  const main = documents.find((name) => !name.includes('/')) ?? documents[0] ?? '';
  const outside: string[] = [];
  const read = new Set<string>();
  const waiting = [main];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (read.has(name)) continue;
    read.add(name);
    for (const link of await readKml(await archive.read(name), placeIn(name), collector)) {
      const inside = documents.find((document) => document === targetOf(link, name));
      if (inside === undefined) outside.push(link);
      else waiting.push(inside);
    }
  }
  noteLinks(outside, collector);
  const others = documents.filter((name) => !read.has(name));
  const [first] = others;
  if (first === undefined) return 'stated';
  if (collector.hasLines) {
    collector.note(
      l10n.plural(
        others.length,
        l10n.t('Not read: {name} in the archive, which nothing links to.', { name: first }),
        l10n.t('Not read: {count} KML files in the archive that nothing links to, such as {name}.', {
          count: others.length,
          name: first,
        }),
      ),
    );
    return 'stated';
  }
  for (const name of others) await readKml(await archive.read(name), placeIn(name), collector);
  return 'stated';

  /** How errors name a file of the archive. */
  function placeIn(name: string): string {
    return name === main ? file : `${file}/${name}`;
  }
}

export function isKml(name: string): boolean {
  return /\.kml$/i.test(name);
}

/** The name in the archive that a link leads to from a file in it; links to the web lead nowhere in it. */
function targetOf(link: string, from: string): string {
  let decodedLink = link;
  try {
    decodedLink = decodeURIComponent(link);
  } catch {
    // A percent sign that begins no escape is part of the name.
  }
  return path.posix.join(path.posix.dirname(from), decodedLink.replaceAll('\\', '/').replace(/[?#].*$/, ''));
}

import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { isCmsError, messageOf } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { BOUNDS } from './bounds.ts';
import { routeInvalid } from './routeInvalid.ts';

/**
 * The main KML file of a KMZ: the first `.kml` in it, one at the top before one in a folder. Never unpacks more than
 * the bound, whatever sizes the archive claims. Source: OGC KML 2.3, annex C.
 */
export async function unpackKmz(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  try {
    const zip = await opened(bytes);
    const entries = await listed(zip, file);
    const documents = entries.filter(({ fileName }) => /\.kml$/i.test(fileName));
    const main = documents.find(({ fileName }) => !fileName.includes('/')) ?? documents[0];
    if (main === undefined) throw routeInvalid(file, l10n.t('this KMZ has no KML file in it'));
    return await unpacked(zip, main, file);
  } catch (error) {
    if (isCmsError(error)) throw error;
    throw routeInvalid(
      file,
      l10n.t('this KMZ cannot be unpacked ({why})', { why: messageOf(error).slice(0, 80) }),
      {},
      error,
    );
  }
}

function opened(bytes: Uint8Array): Promise<ZipFile> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new Promise((resolve, reject) => {
    fromBuffer(buffer, { lazyEntries: true }, (error, zip) => {
      if (error === null) resolve(zip);
      else reject(error);
    });
  });
}

function listed(zip: ZipFile, file: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  return new Promise((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      if (entries.length > BOUNDS.entries)
        reject(routeInvalid(file, l10n.t('more than {count} files in it', { count: BOUNDS.entries })));
      else zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', reject);
    zip.readEntry();
  });
}

function unpacked(zip: ZipFile, entry: Entry, file: string): Promise<Uint8Array> {
  const tooBig = () =>
    routeInvalid(file, l10n.t('it unpacks to more than {size} MB', { size: BOUNDS.bytes / 2 ** 20 }), {
      element: entry.fileName,
    });
  if (entry.uncompressedSize > BOUNDS.bytes) return Promise.reject(tooBig());
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error !== null) {
        reject(error);
        return;
      }
      const chunks: Buffer[] = [];
      let size = 0;
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > BOUNDS.bytes) stream.destroy(tooBig());
      });
      stream.on('end', () => resolve(Buffer.concat(chunks)));
      stream.on('error', reject);
    });
  });
}

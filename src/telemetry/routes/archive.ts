import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { isCmsError, messageOf } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { BOUNDS } from './bounds.ts';
import { routeInvalid } from './routeInvalid.ts';

/** The files in a ZIP archive, of which a KMZ is one. */
export interface Archive {
  /** In the order of the archive, without what macOS adds to each file that it packs. */
  readonly names: readonly string[];
  /** Unpacks one; all together never more than the bound, whatever sizes the archive claims. */
  read(name: string): Promise<Uint8Array>;
}

/** @throws CmsError ROUTE_INVALID */
export async function openArchive(bytes: Uint8Array, file: string): Promise<Archive> {
  const zip = await guarded(file, () => opened(bytes));
  const entries = await guarded(file, () => listed(zip, file));
  let left: number = BOUNDS.bytes;
  return {
    names: entries.map(({ fileName }) => fileName).filter((name) => !MACOS.test(name)),
    read: (name) =>
      guarded(file, async () => {
        const entry = entries.find(({ fileName }) => fileName === name);
        if (entry === undefined) throw routeInvalid(file, l10n.t('there is no file {name} in it', { name }));
        const content = await unpacked(zip, entry, file, left);
        left -= content.length;
        return content;
      }),
  };
}

const MACOS = /(?:^|\/)(?:__MACOSX\/|\._)/;

async function guarded<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isCmsError(error)) throw error;
    throw routeInvalid(
      file,
      l10n.t('this archive cannot be unpacked ({why})', { why: messageOf(error).slice(0, 80) }),
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

function unpacked(zip: ZipFile, entry: Entry, file: string, most: number): Promise<Uint8Array> {
  const tooBig = () => tooBigUnpacked(file, entry.fileName);
  if (entry.uncompressedSize > most) return Promise.reject(tooBig());
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
        if (size > most) stream.destroy(tooBig());
      });
      stream.on('end', () => resolve(Buffer.concat(chunks)));
      stream.on('error', reject);
    });
  });
}

export function tooBigUnpacked(file: string, element: string) {
  return routeInvalid(file, l10n.t('it unpacks to more than {size} MB', { size: BOUNDS.bytes / 2 ** 20 }), {
    element,
  });
}

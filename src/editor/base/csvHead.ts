import { openToRead } from '../../core/bounded.ts';

/** The beginning of a file is enough to see its header and some rows. */
export const HEAD_BYTES = 4096;

/** Nothing of a file that cannot be read: who opens it is told why. */
export async function headOf(path: string): Promise<string | undefined> {
  try {
    const file = await openToRead(path);
    if (file.isPipe) {
      await file.close();
      return undefined;
    }
    // Left after its first piece, the stream closes the file.
    for await (const piece of file.stream() as AsyncIterable<Buffer>)
      return piece.toString('utf8', 0, HEAD_BYTES);
    return '';
  } catch {
    return undefined;
  }
}

import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Replaces a file in one step: a kill at any moment leaves the old or the new content, never a part of it.
 * Mode 0600 from the first byte.
 */
export async function replaceFile(file: string, chunks: Iterable<string>): Promise<void> {
  const sibling = `${file}.new`;
  await rm(sibling, { force: true });
  const handle = await open(sibling, 'wx', 0o600);
  try {
    for (const chunk of chunks) await handle.writeFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(sibling, file);
  await syncFolder(path.dirname(file));
}

/** Without this the rename itself may be lost when the machine stops. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

const CHUNK_CHARACTERS = 1024 * 1024;

/**
 * Replaces a file in one step: if the process is killed, the file holds the old or the new content, never part of it.
 * Mode 0600 from the first byte.
 */
export async function replaceFile(file: string, parts: Iterable<string>): Promise<void> {
  const sibling = `${file}.new`;
  await rm(sibling, { force: true });
  const handle = await open(sibling, 'wx', 0o600);
  try {
    try {
      for (const chunk of inChunks(parts)) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(sibling, file);
  } catch (error) {
    // A half-written file would only take up space, and the disk may be full.
    await rm(sibling, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(path.dirname(file));
}

/** Joins small parts, so that a large state is neither one huge string nor one write per row. */
function* inChunks(parts: Iterable<string>): Generator<string> {
  let pending: string[] = [];
  let length = 0;
  for (const part of parts) {
    pending.push(part);
    length += part.length;
    if (length < CHUNK_CHARACTERS) continue;
    yield pending.join('');
    pending = [];
    length = 0;
  }
  yield pending.join('');
}

/** Without this, a power failure can lose the rename itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

import { cpSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Creates the sample workspace: a README that says what to try, a fleet, and the routes that ship with the extension.
 * An existing one is not changed.
 */
export function makeWorkspace(root: string, folder: string): string {
  const workspace = path.join(folder, 'cms-sample');
  if (existsSync(workspace)) return workspace;
  mkdirSync(workspace, { recursive: true });
  cpSync(path.join(__dirname, 'sample'), workspace, { recursive: true });
  cpSync(path.join(root, 'media/routes'), path.join(workspace, 'routes'), { recursive: true });
  return workspace;
}

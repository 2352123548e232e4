import { cpSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/**
 * The sample workspace: a README with what to try, a fleet, and the routes that come with the extension. One that is
 * there already is left as it is.
 */
export function makeWorkspace(root: string, folder: string): string {
  const workspace = path.join(folder, 'cms-sample');
  if (existsSync(workspace)) return workspace;
  mkdirSync(workspace, { recursive: true });
  cpSync(path.join(__dirname, 'sample'), workspace, { recursive: true });
  cpSync(path.join(root, 'media/routes'), path.join(workspace, 'routes'), { recursive: true });
  return workspace;
}

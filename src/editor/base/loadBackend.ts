import { createRequire } from 'node:module';
import path from 'node:path';
import type * as WorkBundle from '../backend.ts';

export type WorkModule = typeof WorkBundle;
/** The work bundle, required at the first call. */
export type WorkLoader = () => WorkModule;

/** @param distFolder absolute path of the folder that holds work.js */
export function createWorkLoader(distFolder: string): WorkLoader {
  let loaded: WorkModule | undefined;
  return () => {
    // Not a literal require: the bundler would pull the heavy half into the extension's own bundle.
    loaded ??= createRequire(path.join(distFolder, 'extension.js'))('./backend.js') as WorkModule;
    return loaded;
  };
}

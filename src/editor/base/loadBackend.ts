import { createRequire } from 'node:module';
import path from 'node:path';
import type * as backend from '../backend.ts';

/** Everything heavy that the editor uses: the bundle `dist/backend.js`. */
export type Backend = typeof backend;
/** Gives the backend, or the part of it that is needed; it is loaded by the first call. */
export type LoadBackend<Part extends keyof Backend = keyof Backend> = () => Pick<Backend, Part>;

/** @param distFolder absolute path of the folder that holds backend.js */
export function createBackendLoader(distFolder: string): LoadBackend {
  let loaded: Backend | undefined;
  return () => {
    // Not a literal require: the bundler would pull the backend into the extension's own bundle.
    loaded ??= createRequire(path.join(distFolder, 'extension.js'))('./backend.js') as Backend;
    return loaded;
  };
}

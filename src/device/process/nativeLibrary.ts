import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'aws-crt-nodejs.node';

/**
 * Tells AWS's native MQTT library where its binary for this platform is: in `bin/` next to the bundle. Must run before
 * the library is loaded. Without such a file the library looks in its own package.
 */
export function pointToNativeLibrary(bundleFolder: string): void {
  const platform = `${process.platform}-${process.arch}-${cRuntime()}`;
  const file = join(bundleFolder, 'bin', platform, FILE);
  if (existsSync(file)) process.env.AWS_CRT_NODEJS_BINARY_ABSOLUTE_PATH = file;
}

/** The C runtime in the names of AWS's builds. */
function cRuntime(): 'cruntime' | 'glibc' | 'musl' {
  if (process.platform !== 'linux') return 'cruntime';
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}

import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Fields that only development needs. */
const OMITTED = ['scripts', 'dependencies', 'devDependencies', 'overrides', 'bin', 'private'];

export type Manifest = Record<string, unknown> & { name: string; version: string };

/**
 * The manifest of the package. In a GitHub workflow the repository is known, and the manifest has its URLs.
 */
export function packageManifest(
  root: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Manifest {
  const full = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest & {
    engines: { vscode: string };
  };
  const remaining = Object.fromEntries(Object.entries(full).filter(([name]) => !OMITTED.includes(name)));
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = env;
  const url = server !== undefined && repository !== undefined ? `${server}/${repository}` : undefined;
  return {
    ...remaining,
    name: full.name,
    version: full.version,
    // The editor brings its own Node.
    engines: { vscode: full.engines.vscode },
    ...(url === undefined
      ? {}
      : {
          repository: { type: 'git', url: `${url}.git` },
          bugs: { url: `${url}/issues` },
          homepage: `${url}#readme`,
        }),
  };
}

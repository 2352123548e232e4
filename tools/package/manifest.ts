import { readFileSync } from 'node:fs';
import path from 'node:path';

/** What only development needs. */
const LEFT_OUT = ['scripts', 'dependencies', 'devDependencies', 'overrides', 'bin', 'private'];

export type Manifest = Record<string, unknown> & { name: string; version: string };

/**
 * The manifest of the package. Where the source is published is known when a workflow of GitHub makes it; the
 * addresses come from there.
 */
export function packageManifest(
  root: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Manifest {
  const whole = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest & {
    engines: { vscode: string };
  };
  const kept = Object.fromEntries(Object.entries(whole).filter(([name]) => !LEFT_OUT.includes(name)));
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = env;
  const url = server !== undefined && repository !== undefined ? `${server}/${repository}` : undefined;
  return {
    ...kept,
    name: whole.name,
    version: whole.version,
    // The Node of the editor is the editor's affair.
    engines: { vscode: whole.engines.vscode },
    ...(url === undefined
      ? {}
      : {
          repository: { type: 'git', url: `${url}.git` },
          bugs: { url: `${url}/issues` },
          homepage: `${url}#readme`,
        }),
  };
}

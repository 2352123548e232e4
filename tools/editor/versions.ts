/** The npm packages that make up one VS Code server. */
export interface EditorVersion {
  codeServer: string;
  /** Of the npm tarball, in base64, so that exactly the tested version runs. */
  sha512: string;
  /** The package with its Node, if it does not run on the project's. */
  node?: { name: string; version: string };
  /** The package that contains ripgrep, if the server does not. */
  ripgrep?: string;
  /**
   * Modules that are compiled here. Without spdlog the Output panel stays empty, without the watchdog orphaned
   * processes remain, and without pty there is no terminal.
   */
  native: string[];
  /** Large files that nothing here uses. */
  unneeded: string[];
}

const system = `${process.platform}-${process.arch}`;

/** By VS Code version: the lowest one the extension supports, and the newest one on npm. */
export const versions: Readonly<Record<string, EditorVersion>> = {
  '1.100': {
    codeServer: '4.100.3',
    sha512: 'q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==',
    ripgrep: `@vscode/ripgrep-${system}@1.18.0`,
    native: ['@vscode/spdlog', 'native-watchdog', 'node-pty'],
    unneeded: ['node_modules/@vscode/windows-process-tree/build'],
  },
  '1.139': {
    codeServer: '4.139.1',
    sha512: 'fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==',
    node: { name: `node-${system}`, version: '24.21.0' },
    native: ['@vscode/spdlog', '@vscode/native-watchdog'],
    unneeded: ['node_modules/@github', 'node_modules/@microsoft/mxc-sdk', 'node_modules/@vscode/sqlite3'],
  },
};

export const defaultVersion = '1.100';

/**
 * What a program that this one starts may know of its environment: where programs, the user's folders and temporary
 * files are, the language, and whom TLS trusts. Nothing else goes on by itself, so no key, token or password does,
 * whatever its name.
 */
const NEEDED = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TZ', 'LANG', 'LANGUAGE', 'TMPDIR', 'TMP', 'TEMP'],
  // Windows: without these neither sockets nor folders of the user are found.
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERNAME', 'USERPROFILE', 'HOMEDRIVE'],
  ...['HOMEPATH', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'NUMBER_OF_PROCESSORS'],
  // Where the libraries of Node or Electron are, on systems that keep them elsewhere.
  ...['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'DYLD_FALLBACK_LIBRARY_PATH'],
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  // Measures which lines the tests reach.
  'NODE_V8_COVERAGE',
]);

/** @param own what the program is told besides */
export function childEnvironment(
  own: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]) => {
    const upper = name.toUpperCase();
    return value !== undefined && (NEEDED.has(upper) || upper.startsWith('LC_')) ? [[name, value]] : [];
  });
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...own };
}

import { X509Certificate } from 'node:crypto';
import { opendir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import * as tls from 'node:tls';
import { readTextFile } from '../core/bounded.ts';

/** Where roots come from, in words for a report: `Node.js`, or a file and who names it. */
export interface RootSource {
  /** `Node.js`, `the system`, `the editor`, or the variable or setting that names the file. */
  from: string;
  file: string | undefined;
  /** How many certificates it gave. */
  count: number;
  /** Why it gave none. */
  problem: string | undefined;
}

export interface Roots {
  /** PEM of each root, once. */
  pems: readonly string[];
  sources: readonly RootSource[];
}

/** A file of roots, and who names it. */
export interface RootFile {
  from: string;
  file: string;
}

export interface RootOptions {
  env?: Environment;
  /** PEM of what an editor trusts. */
  trusted?: (() => Promise<readonly string[]>) | undefined;
}

/** The roots of a whole operating system are a quarter of a megabyte. */
const MOST_BYTES = 8 * 2 ** 20;

type Environment = Readonly<Record<string, string | undefined>>;

const CERTIFICATE =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;
/** Where the systems keep all their roots in one file: Debian, Fedora, SUSE, Alpine and BSD. */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
/** Variables that OpenSSL, Node.js, the AWS CLI and curl read, in no order: they are one set here. */
const VARIABLES = [
  'AWS_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
] as const;
/** A list of folders, as OpenSSL reads it. */
const FOLDERS = 'SSL_CERT_DIR';
/** The usual folder has some hundred, most of them twice. */
const MOST_FILES = 2000;
const MOST_FILE_BYTES = 2 ** 20;
/** What those in a folder are called: by OpenSSL's hash of a name, or as people name them. */
const IN_FOLDER = /\.(pem|crt|cer|[0-9])$/i;

/**
 * Everything that this machine trusts for HTTPS, as one set: the roots of Node.js, of the system, and of each file that
 * the environment or `files` name, or of the files in a folder. A source that cannot be read gives none, and says why.
 */
export async function collectRoots(
  files: readonly RootFile[],
  { env = process.env, trusted }: RootOptions = {},
): Promise<Roots> {
  const named = VARIABLES.flatMap((from) => {
    const file = env[from]?.trim();
    return file === undefined || file === '' ? [] : [{ from, file }];
  });
  const folders = (env[FOLDERS] ?? '').split(delimiter).filter((folder) => folder.trim() !== '');
  // `files` may name AWS_CA_BUNDLE as well.
  const all = [...files, ...named, ...folders.map((file) => ({ from: FOLDERS, file }))];
  const each = all.filter(
    ({ from, file }, at) => all.findIndex((other) => other.from === from && other.file === file) === at,
  );
  const pems = new Set(tls.rootCertificates.map(plain));
  const sources: RootSource[] = [
    { from: 'Node.js', file: undefined, count: tls.rootCertificates.length, problem: undefined },
  ];
  for (const { certificates, ...source } of [
    await systemRoots(),
    ...(trusted === undefined ? [] : [await editorRoots(trusted)]),
    ...(await Promise.all(each.map(readRoots))),
  ]) {
    for (const pem of certificates) pems.add(plain(pem));
    sources.push({ ...source, count: certificates.length });
  }
  return { pems: [...pems], sources };
}

async function editorRoots(trusted: () => Promise<readonly string[]>): Promise<Read> {
  const pems = await trusted().catch(() => []);
  const certificates = pems.flatMap(certificatesIn);
  return { from: 'the editor', file: undefined, certificates, problem: undefined };
}

type Read = Omit<RootSource, 'count'> & { certificates: string[] };

async function systemRoots(): Promise<Read> {
  const from = 'the system';
  // Since Node.js 22.15; before, there is no other way on Windows and macOS than NODE_EXTRA_CA_CERTS.
  const { getCACertificates } = tls as { getCACertificates?: (type: 'system') => string[] };
  if (getCACertificates !== undefined) {
    return { from, file: undefined, certificates: getCACertificates('system'), problem: undefined };
  }
  for (const file of SYSTEM_FILES) {
    const read = await readRoots({ from, file });
    if (read.problem === undefined) return read;
  }
  return {
    from,
    file: undefined,
    certificates: [],
    problem: 'no file with the roots of the system was found',
  };
}

/** PEM of what is in a file, or in the files of a folder; none when it cannot be read. */
export async function rootsIn(source: RootFile): Promise<string[]> {
  return (await readRoots(source)).certificates;
}

async function readRoots({ from, file }: RootFile): Promise<Read> {
  let certificates: string[];
  try {
    certificates = await readCertificates(file);
  } catch (error) {
    const problem = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    return { from, file, certificates: [], problem };
  }
  return {
    from,
    file,
    certificates,
    problem: certificates.length === 0 ? 'it holds no certificate in PEM' : undefined,
  };
}

/** PEM of what is in a file, or in the files of a folder. Throws the system's errors, and a `LimitError`. */
export async function readCertificates(file: string): Promise<string[]> {
  try {
    return certificatesIn(await readTextFile(file, { mostBytes: MOST_BYTES }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
    return inFolder(file);
  }
}

/** As far as they can be read: a folder of certificates holds keys and notes as well. */
async function inFolder(folder: string): Promise<string[]> {
  const found = new Set<string>();
  let seen = 0;
  const entries = await opendir(folder);
  for await (const { name } of entries) {
    if (!IN_FOLDER.test(name)) continue;
    if (++seen > MOST_FILES) break;
    const limits = { mostBytes: MOST_FILE_BYTES, timeoutMs: 1000 };
    const text = await readTextFile(join(folder, name), limits).catch(() => '');
    for (const pem of certificatesIn(text)) found.add(pem);
  }
  return [...found];
}

/** The certificates of a PEM file that can be read, whatever else stands between them. */
export function certificatesIn(text: string): string[] {
  return [...text.matchAll(CERTIFICATE)].flatMap(([pem]) => {
    try {
      return [new X509Certificate(pem).toString()];
    } catch {
      return [];
    }
  });
}

function plain(pem: string): string {
  return pem.replaceAll('\r', '').trim();
}

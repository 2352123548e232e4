import { X509Certificate } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { publicKeyOf } from './batch.ts';

/** Vehicles that may come in, by the name of their thing. */
export type AllowList = ReadonlyMap<string, Allowed>;

/** What a newcomer's certificate has to be, besides named right; undefined = anything. */
export interface Allowed {
  readonly vin: string;
  readonly thingName: string;
  readonly certificateId: string | undefined;
  readonly serialNumber: string | undefined;
  readonly publicKey: string | undefined;
}

const COLUMNS = ['vin', 'thingName', 'certificateId', 'serialNumber', 'publicKey', 'notAfter'];

/** Whether a file is such a list; a fleet file has other columns. */
export function isAllowList(text: string): boolean {
  const names = /^\uFEFF?([^\r\n]*)/.exec(text)?.[1]?.split(/[,;\t]/) ?? [];
  return names.some((name) => name.trim() === 'vin') && names.every((name) => COLUMNS.includes(name.trim()));
}

/**
 * A list of vehicles as `certificates issue` writes it, or one with only the column `vin`.
 * @param thingNameOf for lists without the column; undefined where the CMS alone knows it
 * @throws CmsError MANIFEST_INVALID, naming the line
 */
export function readAllowList(text: string, thingNameOf: (vin: string) => string | undefined): AllowList {
  const rows = rowsOf(text);
  const [header, ...lines] = rows;
  const names = header?.cells ?? [];
  const strange = names.filter((name) => name !== '' && !COLUMNS.includes(name));
  if (!names.includes('vin') || strange.length > 0) {
    throw invalid(
      header?.line ?? 1,
      l10n.t('its columns are {known}; only vin is needed.', { known: COLUMNS.join(', ') }),
    );
  }
  const list = new Map<string, Allowed>();
  for (const { line, cells } of lines) {
    const cell = (name: string): string | undefined => {
      const value = cells[names.indexOf(name)]?.trim();
      return value === undefined || value === '' ? undefined : value;
    };
    const vin = cell('vin');
    if (vin === undefined) throw invalid(line, l10n.t('it has no VIN.'));
    const thingName = cell('thingName') ?? thingNameOf(vin);
    if (thingName === undefined)
      throw invalid(line, l10n.t('it has no thingName, which this CMS alone knows.'));
    if (list.has(thingName)) throw invalid(line, l10n.t('{vin} is in it twice.', { vin }));
    list.set(thingName, {
      ...{ vin, thingName },
      certificateId: cell('certificateId')?.toLowerCase(),
      serialNumber: cell('serialNumber')?.toLowerCase(),
      publicKey: cell('publicKey')?.toLowerCase(),
    });
  }
  return list;
}

export type Judgment = { allowed: true; entry: Allowed } | { allowed: false; why: Message };

/** Whether a certificate is one that the list lets in. */
export function judgeNewcomer(list: AllowList, certificateId: string, pem: string | undefined): Judgment {
  const no = (why: Message): Judgment => ({ allowed: false, why });
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem ?? '');
  } catch {
    return no(l10n.t('its certificate cannot be read'));
  }
  const name: unknown = certificate.toLegacyObject().subject.CN;
  if (typeof name !== 'string') return no(l10n.t('its subject does not have one common name'));
  const entry = list.get(name);
  if (entry === undefined) return no(l10n.t('{name} is not in the list', { name }));
  if (entry.certificateId !== undefined && entry.certificateId !== certificateId) {
    return no(l10n.t('{name} is in the list with another certificate', { name }));
  }
  const serial = certificate.serialNumber.toLowerCase().replace(/^0+/, '');
  if (entry.serialNumber !== undefined && entry.serialNumber.replace(/^0+/, '') !== serial) {
    return no(l10n.t('{name} is in the list with another serial number', { name }));
  }
  if (entry.publicKey !== undefined && entry.publicKey !== publicKeyOf(certificate)) {
    return no(l10n.t('{name} is in the list with another public key', { name }));
  }
  return { allowed: true, entry };
}

interface Row {
  line: number;
  cells: string[];
}

function rowsOf(text: string): Row[] {
  try {
    const rows: unknown = parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      delimiter: [',', ';', '\t'],
    });
    return (rows as { info: { lines: number }; record: string[] }[]).map(({ info, record }) => ({
      line: info.lines,
      cells: record.map((cell) => cell.trim()),
    }));
  } catch (error) {
    const line =
      error instanceof Error && 'lines' in error && typeof error.lines === 'number' ? error.lines : 1;
    throw invalid(line, l10n.t('it is not a table.'));
  }
}

function invalid(line: number, why: Message): CmsError {
  return new CmsError(
    'MANIFEST_INVALID',
    l10n.t('Line {line} of the list of vehicles: {why}', { line, why }),
    {
      remedy: l10n.t('"certificates issue" writes such a list.'),
    },
  );
}

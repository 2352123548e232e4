import type { AuthorizedRow, ProvisionedRow } from '../../../../src/cms/cmsOnAws/rows.ts';
import type { Store } from '../../../../src/cms/cmsOnAws/store.ts';

const NAMES = { make: 'Acme', model: 'DN', year: '2024' };

export function authorizedRow(vin: string, more: Partial<AuthorizedRow> = {}): AuthorizedRow {
  return { vin, ...NAMES, allowed: true, missing: [], ...more };
}

export function provisionedRow(
  vin: string,
  certificateId: string,
  more: Partial<ProvisionedRow> = {},
): ProvisionedRow {
  return { vin, certificateId, ...NAMES, status: 'ACTIVE', hasConnected: true, missing: [], ...more };
}

/** The two tables in memory; pages go on by how many rows came before. */
export function memoryStore(
  authorized: AuthorizedRow[],
  provisioned: ProvisionedRow[],
): Store & { log: string[] } {
  const log: string[] = [];
  const rowAt = (vin: string, id: string) =>
    provisioned.findIndex((row) => row.vin === vin && row.certificateId === id);
  const page = <T>(
    all: readonly T[],
    size: number,
    after: { n?: { N?: string | undefined } } | undefined,
  ) => {
    const from = Number(after?.n?.N ?? 0);
    const next = from + size;
    return { items: all.slice(from, next), next: next < all.length ? { n: { N: String(next) } } : undefined };
  };
  return {
    log,
    authorized: (vin) => Promise.resolve(authorized.find((row) => row.vin === vin)),
    whichAuthorized: (vins) =>
      Promise.resolve(new Set(vins.filter((vin) => authorized.some((row) => row.vin === vin)))),
    scanAuthorized: (size, after) => Promise.resolve(page(authorized, size, after as never)),
    provisioned: (vin) => Promise.resolve(provisioned.filter((row) => row.vin === vin)),
    scanProvisioned: (size, after) => Promise.resolve(page(provisioned, size, after as never)),
    authorize: ({ vin }) => {
      log.push(`authorize ${vin}`);
      return Promise.resolve('created');
    },
    unauthorize: () => Promise.resolve(true),
    setStatus(vin, id, status) {
      const at = rowAt(vin, id);
      const row = provisioned[at];
      log.push(`${id} ${status}`);
      if (row === undefined) return Promise.resolve(false);
      provisioned[at] = { ...row, status };
      return Promise.resolve(true);
    },
    deleteRow(vin, id) {
      provisioned.splice(rowAt(vin, id), 1);
      return Promise.resolve();
    },
  };
}

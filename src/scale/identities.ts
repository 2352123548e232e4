import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Connection } from '../aws/connection.ts';
import { refuseExposed } from '../aws/exposed.ts';
import { CmsError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { l10n } from '../core/message.ts';
import { keepSecret } from '../core/secrets.ts';
import type { DrivingCertificates } from '../device/client/simulatedVehicles.ts';
import type { Store } from './store.ts';
import { s3Store } from './stores/s3.ts';

/** One vehicle's certificate and key, as a worker needs them. */
const identitySchema = z.object({
  certificateId: z.string(),
  certificatePem: z.string(),
  privateKeyPem: z.string(),
  fuelType: z.string().optional(),
});
export type PushedIdentity = z.infer<typeof identitySchema>;
const blockSchema = z.record(z.string(), identitySchema);
const indexSchema = z.object({
  format: z.literal('cms-enablement-identities-1'),
  /** The name of what was pushed together. */
  set: z.uuid(),
  blocks: z.number().int().min(1),
  vehicles: z.number().int().min(0),
});
type Index = z.infer<typeof indexSchema>;

/** Vehicles of an object: a worker of 2,500 vehicles of 100,000 reads few more than it needs. */
const BLOCK = 100;
const INDEX = 'index.json';
const blockKey = ({ set }: Pick<Index, 'set'>, block: number) => `blocks/${set}/${block}.json`;

/** The block that a vehicle is in, whatever else is there. */
export function blockOf(id: string, blocks: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % blocks;
}

/** How many vehicles' certificates and keys are there. @throws CmsError STORE_FAILED */
export async function pushedVehicles(
  connection: Connection,
  { bucket, prefix }: { bucket: string; prefix: string },
): Promise<number> {
  return (await readIndex(s3Store(connection, bucket, prefix)))?.vehicles ?? 0;
}

async function readIndex(store: Store): Promise<Index | undefined> {
  const text = await store.get(INDEX);
  const read = text === undefined ? undefined : parseJson(indexSchema, text);
  return read?.ok === true ? read.value : undefined;
}

/**
 * Puts certificates and keys into a bucket, encrypted by a key of KMS. They count from the moment the index names them;
 * then what the index named before is deleted.
 * @throws CmsError STORE_FAILED, ENDPOINT_NOT_PRIVATE for an endpoint without TLS elsewhere
 */
export async function pushIdentities(
  connection: Connection,
  { bucket, prefix, kmsKey }: { bucket: string; prefix: string; kmsKey: string },
  identities: ReadonlyMap<string, PushedIdentity>,
): Promise<number> {
  if (connection.endpoint !== undefined) refuseExposed(connection.endpoint, 'key');
  const store = s3Store(connection, bucket, prefix, kmsKey);
  const before = await readIndex(store);
  const blocks = Math.max(1, Math.ceil(identities.size / BLOCK));
  const index: Index = {
    format: 'cms-enablement-identities-1',
    ...{ set: randomUUID(), blocks, vehicles: identities.size },
  };
  const contents = Array.from({ length: blocks }, (): Record<string, PushedIdentity> => ({}));
  for (const [id, identity] of identities) {
    const block = contents[blockOf(id, blocks)];
    if (block !== undefined) block[id] = identity;
  }
  for (const [block, content] of contents.entries())
    await store.put(blockKey(index, block), JSON.stringify(content));
  await store.put(INDEX, JSON.stringify(index));
  for (let block = 0; block < (before?.blocks ?? 0); block++)
    if (before !== undefined) await store.remove(blockKey(before, block));
  return blocks;
}

/** The same read by a worker, into its memory only, each block once. */
export function pulledIdentities(
  connection: Connection,
  { bucket, prefix }: { bucket: string; prefix: string },
): DrivingCertificates {
  const store = s3Store(connection, bucket, prefix);
  const folder = store.label;
  let index: Promise<Index> | undefined;
  const read = new Map<number, Promise<Record<string, PushedIdentity>>>();

  async function indexOf(): Promise<Index> {
    const found = await readIndex(store);
    if (found !== undefined) return found;
    throw new CmsError(
      'CERTIFICATE_MISSING',
      l10n.t('{folder} holds no certificates of vehicles.', { folder }),
      {
        step: 'certificates',
        remedy: l10n.t('Put them there with "identities push".'),
      },
    );
  }
  async function block(of: Index, number: number): Promise<Record<string, PushedIdentity>> {
    const key = blockKey(of, number);
    const text = await store.get(key);
    const content = text === undefined ? undefined : parseJson(blockSchema, text);
    if (content?.ok === true) return content.value;
    // Not as if its vehicles had none: others were put there between the reading of index and block.
    throw new CmsError('STORE_FAILED', l10n.t('{folder} does not have {key}.', { folder, key }), {
      step: 'certificates',
      remedy: l10n.t('Run it again. If that does not help, put them there again with "identities push".'),
    });
  }
  return {
    folder,
    async production(id) {
      index ??= indexOf();
      const named = await index;
      const number = blockOf(id, named.blocks);
      const content = read.get(number) ?? block(named, number);
      read.set(number, content);
      const found = (await content)[id];
      if (found === undefined) return { kind: 'none' };
      const { certificateId, certificatePem, privateKeyPem, fuelType } = found;
      keepSecret(privateKeyPem);
      return {
        kind: 'ok',
        pair: {
          certificateId,
          identity: { certificatePem, privateKeyPem },
          facts: fuelType === undefined ? undefined : { fuelType },
        },
      };
    },
  };
}

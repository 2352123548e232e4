import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Connection } from '../aws/connection.ts';
import { refuseExposed } from '../aws/exposed.ts';
import { CmsError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { l10n } from '../core/message.ts';
import { keepSecret } from '../core/secrets.ts';
import type { DrivingCertificates } from '../device/client/simulatedVehicles.ts';
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
  blocks: z.number().int().min(1),
});

/** Vehicles of an object: a worker of 2,500 vehicles of 100,000 reads few more than it needs. */
const BLOCK = 100;
const INDEX = 'index.json';
const blockKey = (block: number) => `blocks/${block}.json`;

/** The block that a vehicle is in, whatever else is there. */
export function blockOf(id: string, blocks: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % blocks;
}

/**
 * Puts certificates and keys into a bucket, encrypted by a key of KMS. What was there before is replaced.
 * @throws CmsError STORE_FAILED, ENDPOINT_NOT_PRIVATE for an endpoint without TLS elsewhere
 */
export async function pushIdentities(
  connection: Connection,
  { bucket, prefix, kmsKey }: { bucket: string; prefix: string; kmsKey: string },
  identities: ReadonlyMap<string, PushedIdentity>,
): Promise<number> {
  if (connection.endpoint !== undefined) refuseExposed(connection.endpoint, 'key');
  const store = s3Store(connection, bucket, prefix, kmsKey);
  const blocks = Math.max(1, Math.ceil(identities.size / BLOCK));
  const contents = Array.from({ length: blocks }, (): Record<string, PushedIdentity> => ({}));
  for (const [id, identity] of identities) {
    const block = contents[blockOf(id, blocks)];
    if (block !== undefined) block[id] = identity;
  }
  for (const [block, content] of contents.entries())
    await store.put(blockKey(block), JSON.stringify(content));
  await store.put(INDEX, JSON.stringify({ format: 'cms-enablement-identities-1', blocks }));
  return blocks;
}

/** The same read by a worker, into its memory only, each block once. */
export function pulledIdentities(
  connection: Connection,
  { bucket, prefix }: { bucket: string; prefix: string },
): DrivingCertificates {
  const store = s3Store(connection, bucket, prefix);
  const folder = store.label;
  let blocks: Promise<number> | undefined;
  const read = new Map<number, Promise<Record<string, PushedIdentity>>>();

  async function countOf(): Promise<number> {
    const text = await store.get(INDEX);
    const index = text === undefined ? undefined : parseJson(indexSchema, text);
    if (index?.ok === true) return index.value.blocks;
    throw new CmsError(
      'CERTIFICATE_MISSING',
      l10n.t('{folder} holds no certificates of vehicles.', { folder }),
      {
        step: 'certificates',
        remedy: l10n.t('Put them there with "identities push".'),
      },
    );
  }
  async function block(number: number): Promise<Record<string, PushedIdentity>> {
    const text = await store.get(blockKey(number));
    const content = text === undefined ? undefined : parseJson(blockSchema, text);
    return content?.ok === true ? content.value : {};
  }
  return {
    folder,
    async production(id) {
      blocks ??= countOf();
      const number = blockOf(id, await blocks);
      const content = read.get(number) ?? block(number);
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

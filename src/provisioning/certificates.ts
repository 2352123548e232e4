import * as z from 'zod';
import type { Message } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { DeviceIdentity } from '../protocol/device.ts';
import type { Stored } from './stored.ts';

/** `provisioning.json`: what the files beside it are. No secret. */
export const provisioningFactsSchema = z.object({
  certificateId: z.string(),
  certificateArn: z.string(),
  /** Names of the vehicle; older files lack the first two, which are the name of the folder there. */
  vin: z.string().optional(),
  id: z.string().optional(),
  thingName: z.string(),
  templateName: z.string().optional(),
  /** Of the CMS; older files lack it. */
  generation: z.string().optional(),
  /** Name of the deployment; in CMS v1 that of its stack. */
  stackName: z.string(),
  accountId: z.string(),
  region: z.string(),
  /** ISO 8601. */
  provisionedAt: z.string(),
  /** `used`: the claim has done its work and, if it was ours alone, is deactivated and deleted. Absent without one. */
  claim: z
    .object({
      kind: z.enum(['per-vehicle', 'temporary', 'shared']),
      certificateId: z.string().optional(),
      used: z.boolean(),
    })
    .optional(),
  /** How it came: against a claim where absent, else signed by the CA of this id. */
  way: z.enum(['claim', 'jitp', 'jitr']).optional(),
  caCertificateId: z.string().optional(),
  /** Words the owner chooses vehicles by, and what CMS was told of the engine; for simulations. */
  tags: z.array(z.string()).optional(),
  fuelType: z.string().optional(),
});
export type FactsOnDisk = z.infer<typeof provisioningFactsSchema>;
/** Completed where an older file lacks something; only `generation` cannot be known then. */
export type ProvisioningFacts = FactsOnDisk & VehicleRef;

/** @param folder of the vehicle */
export function completeFacts(facts: FactsOnDisk, folder: string): ProvisioningFacts {
  return { ...facts, vin: facts.vin ?? folder, id: facts.id ?? folder };
}

/** A production pair that was read and checked: key matches certificate, dates are good. */
export interface StoredIdentity {
  identity: DeviceIdentity;
  /** SHA-256 of the DER, in hex: AWS IoT's certificate id. */
  certificateId: string;
  notAfter: Date;
  facts: ProvisioningFacts | undefined;
  files: { certificate: string; privateKey: string };
}

/** The pair that provisioning itself starts with, read and checked. */
export interface BootstrapIdentity extends DeviceIdentity {
  certificateId: string;
}

/**
 * The certificates of the vehicles, as files under one folder: `certs/<id>/…`, where the id is the one its CMS knows a
 * vehicle by, in CMS v1 the VIN.
 * Folder 0700, keys 0600 from the first byte, temporary sibling → fsync → rename.
 * Throws CmsError CERTIFICATE_STORE_FAILED, CERTIFICATE_EXISTS, and CERTIFICATE_UNUSABLE for a pair that is to be saved;
 * a failed call leaves what was there before.
 */
export interface CertificateStore {
  readonly folder: string;
  /**
   * Throws before anything is asked of the cloud if the folder cannot be written, or has no room for a vehicle. One of this user that its group may
   * write to is closed, and `tell` hears of it; other folders open to others are refused.
   */
  ready(tell?: (message: Message) => void): Promise<void>;
  /** Of the vehicles that have a folder here, sorted. */
  ids(): Promise<string[]>;
  production(id: string): Promise<Stored<StoredIdentity>>;
  bootstrap(id: string): Promise<Stored<BootstrapIdentity>>;
  saveBootstrap(id: string, pair: DeviceIdentity & { publicKeyPem: string }): Promise<string[]>;
  /** Refuses to replace a production key: `setAside` first. Returns the files written. */
  saveProduction(id: string, pair: DeviceIdentity): Promise<string[]>;
  /** Ids of the certificates in `previous/` whose private keys are there, too, whatever their dates. */
  previousIds(id: string): Promise<string[]>;
  /** Moves the production pair into `certs/<id>/previous/<certificate id>/`; returns that folder. */
  setAside(id: string): Promise<string | undefined>;
  /** Moves a bootstrap pair that somebody else made to `previous/`, where no key is lost. */
  setBootstrapAside(id: string): Promise<void>;
  saveFacts(id: string, facts: FactsOnDisk): Promise<void>;
  saveRootCa(pem: string): Promise<string>;
  removeBootstrap(id: string): Promise<void>;
  /** `provisioning.json`; undefined if there is none or it cannot be read. */
  facts(id: string): Promise<ProvisioningFacts | undefined>;
  /** The root saved last, if any. */
  rootCa(): Promise<string | undefined>;
  /** A new pair that is not trusted yet (`certs/<id>/next/`), while the production pair stays in use. */
  saveCandidate(id: string, pair: DeviceIdentity): Promise<string[]>;
  candidate(id: string): Promise<Stored<StoredIdentity>>;
  /** The candidate becomes the production pair in one step; the old pair goes to `previous/<certificate id>/`. */
  promoteCandidate(id: string): Promise<string[]>;
  /** Moves an unwanted candidate to `previous/<certificate id>/`. */
  dropCandidate(id: string): Promise<void>;
  /** Finishes what a run that ended early left. Looks never do: they see through it. */
  finish(id: string): Promise<void>;
  /** Removes a vehicle's folder and all in it. */
  remove(id: string): Promise<void>;
}

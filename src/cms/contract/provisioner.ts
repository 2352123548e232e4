import type { Message } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import type { EncodedMessage } from '../../telemetry/sample.ts';

/** How the vehicles of a deployment get the certificates they connect with. */
export type Provisioner = ClaimProvisioner | MintedProvisioner | SharedProvisioner;

interface Common {
  /** Whose vehicles they are; kept beside each certificate. */
  readonly deployment: { readonly generation: string; readonly name: string };
  /** MQTT client id of a vehicle. */
  clientId(vehicle: VehicleRef): string;
  /** The IoT policy that lets a certificate act as its own thing and nothing else; undefined if its name is not fixed. */
  readonly devicePolicy: string | undefined;
  readonly renewal: Renewal;
  /**
   * What a vehicle says on its first connection with a new certificate, where its CMS wants to be told. Rejects where it
   * must not be said.
   */
  hello?(vehicle: VehicleRef, certificateId: string, work: Work): Promise<readonly EncodedMessage[]>;
  /** What vehicles need whose certificates a CA of one's own signs; absent where the CMS takes no such vehicles. */
  readonly ownCa?: OwnCaSetup;
  /** Why not, where `ownCa` is absent: words in the middle of a sentence. */
  readonly noOwnCa?: Message;
}

/**
 * How a vehicle comes to its certificate. `claim`: AWS IoT issues it against a claim certificate. `jitp`, `jitr`: a CA
 * of one's own signs it, and the first connect registers it: AWS IoT's template provisions it, or somebody who watches
 * does. Source: AWS IoT Developer Guide, "Provisioning devices that have device certificates".
 */
export type ProvisionWay = 'claim' | 'jitp' | 'jitr';

/** Whether a CA of one's own signs. */
export function byOwnCa(way: ProvisionWay | undefined): way is 'jitp' | 'jitr' {
  return way === 'jitp' || way === 'jitr';
}

/** What every certificate of an own CA gets when it is let in. */
export interface OwnCaSetup {
  /** The IAM role with which AWS IoT registers things. */
  readonly roleName: string;
  /** Name of the JITP template when it is made here. */
  readonly templateName: string;
  readonly devicePolicy: string;
  readonly thingType: string;
}

/** What getting a new certificate does to the one the vehicle has. */
export interface Renewal {
  /**
   * `after`: the old one works until the new one has connected, and is taken out of service then.
   * `before`: the CMS itself switches the old one off, before the new one is known to work. One that is in service all
   * the same is taken out of service then, as for `after`.
   * `not`: the CMS keeps both; the old one is left alone.
   */
  readonly oldEnds: 'after' | 'before' | 'not';
  /** The same as a sentence, said before it is done. */
  readonly words: Message;
}

/** Where the claim certificate comes from. */
export type ClaimSource =
  /** Made for this VIN, kept as the bootstrap files, deactivated and deleted once used. The default. */
  | { kind: 'per-vehicle'; keepFiles?: boolean }
  /** CreateProvisioningClaim: five minutes, nothing left behind. */
  | { kind: 'temporary' }
  /** PEM files of a claim that many vehicles share; never deactivated by us. */
  | { kind: 'shared'; certificateFile: string; privateKeyFile: string };

/** What is known of a vehicle besides its certificate; kept in `provisioning.json`, for simulations. */
export interface AboutVehicle {
  tags?: readonly string[] | undefined;
  /** As CMS calls it. */
  fuelType?: string | undefined;
}

/** How a vehicle is to get its certificate. What is not said about the vehicle stays as it was. */
export interface ProvisionWishes extends AboutVehicle {
  /** Undefined: the way the CMS has for it. */
  way?: ProvisionWay | undefined;
  /** These three count where certificates come by claim. */
  claim: ClaimSource;
  /** `keys`: AWS makes the pair; `csr-rsa`, `csr-ec`: made here, the private key never leaves. */
  keys: 'keys' | 'csr-rsa' | 'csr-ec';
  /** Empty for the one of the deployment. */
  templateName: string;
}

/** AWS IoT fleet provisioning by claim. */
export interface ClaimProvisioner extends Common {
  readonly kind: 'claim';
  readonly templateName: string;
  /** The claims that can be used here, and who may make the key; the first is the usual one. */
  readonly claims: readonly [ClaimSource['kind'], ...ClaimSource['kind'][]];
  readonly keys: readonly [ProvisionWishes['keys'], ...ProvisionWishes['keys'][]];
  /**
   * The claims that may send a CSR; absent where every claim may. Where only some may, AWS does not say so either: a refusal
   * is told as such.
   */
  readonly csrClaims?: readonly ClaimSource['kind'][];
  /** What the template is told of a vehicle. */
  parameters(vehicle: VehicleRef): Record<string, string>;
  /** The policy of claims for a template. */
  claimPolicyNameOf(templateName: string): string;
  /**
   * The pair that the CMS keeps for all its claims, for those who may not ask for a temporary one. Read for each run, and
   * kept nowhere.
   */
  keptClaim?(work: Work): Promise<MintedIdentity>;
  /**
   * Looks, right before a claim is used, whether the CMS would register the vehicle. Rejects where it would not: an
   * attempt that is refused may cost the vehicle the certificate it has.
   */
  beforeClaim?(vehicle: VehicleRef, work: Work): Promise<ClaimWatch>;
  /** What is made here when it is missing; absent where the stacks of the CMS bring it. */
  readonly setup?: ClaimSetup;
}

/** What is known of a vehicle before its claim is used, so that it can be put back. */
export interface ClaimWatch {
  /**
   * After an attempt that came to nothing, before its certificate is deleted: puts back what the CMS did. Sentences on
   * what was put back and what could not be.
   * @param certificateId of the attempt
   */
  failed(certificateId: string, work: Work): Promise<readonly Message[]>;
}

/** What all vehicles of an account share. */
export interface ClaimSetup {
  /** The IAM role with which AWS IoT registers things. */
  readonly roleName: string;
  /** The template's parameter that becomes the name of the thing. */
  readonly thingParameter: string;
  /** Policy that production certificates get, and type of the things. */
  readonly devicePolicy: string;
  readonly thingType: string;
}

/** Certificate and key as PEM text. */
export interface MintedIdentity {
  certificatePem: string;
  privateKeyPem: string;
}

/** The CMS makes certificate and key, and hands out both. */
export interface MintedProvisioner extends Common {
  readonly kind: 'minted';
  /** A new pair, each time it is asked; with `ownKey` the one that the CMS keeps for the vehicle, as often as it is asked. */
  mint(vehicle: VehicleRef, work: Work): Promise<MintedIdentity>;
  /**
   * How a vehicle gets a certificate for a key that was born here: where that is wished, and for every further certificate
   * of it.
   */
  readonly ownKey?: OwnKey;
}

/** The private key never leaves this machine. */
export interface OwnKey {
  /** PEM of a new certificate, INACTIVE and attached to nothing. */
  sign(vehicle: VehicleRef, csrPem: string, work: Work): Promise<string>;
  /** Puts it into service, beside what the vehicle has, once it is saved. Safe to run again. */
  admit(vehicle: VehicleRef, certificatePem: string, work: Work): Promise<void>;
}

/** All vehicles connect with the same pair, which is never taken out of service from here. */
export interface SharedProvisioner extends Common {
  readonly kind: 'shared';
  fetch(vehicle: VehicleRef, work: Work): Promise<MintedIdentity>;
}

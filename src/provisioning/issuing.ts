import type { AttachedCertificate } from '../aws/iot/certificates.ts';
import type { DeviceIdentity } from '../protocol/device.ts';
import type { Claim } from './claim.ts';

/** Where a new pair is kept until it is known to be good. */
export interface Keeping {
  /** Must have the pair safely on disk before it resolves. */
  save(pair: DeviceIdentity): Promise<unknown>;
  /** The vehicle has a certificate, and is to get another. */
  readonly renews?: true;
  /** A pair of one's own CA that an earlier run, or a factory, saved, and that AWS IoT has not let in yet. */
  readonly waiting?: DeviceIdentity | undefined;
  /** Moves the pair out of the way: it will never be usable. */
  discard(): Promise<unknown>;
}

export interface IssuedPair {
  cloud: AttachedCertificate;
  /** Undefined if there was none. */
  claim: { kind: Claim['kind']; certificateId: string; used: boolean } | undefined;
}

import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { readTextFile } from '../core/bounded.ts';
import { parseJson } from '../core/json.ts';

/** What `aws login` keeps of a session, as far as it matters here. */
const sessionSchema = z.object({ signInRegion: z.string().min(1).optional() });
const MOST_BYTES = 2 ** 20;

/** Where a session of `aws login` signs in, if it says so; without that it is where the profile is. */
export async function signInRegionOf(session: string, env = process.env): Promise<string | undefined> {
  const folder = env.AWS_LOGIN_CACHE_DIRECTORY ?? join(homedir(), '.aws', 'login', 'cache');
  const file = join(folder, `${createHash('sha256').update(session).digest('hex')}.json`);
  const text = await readTextFile(file, { mostBytes: MOST_BYTES }).catch(() => '{}');
  const parsed = parseJson(sessionSchema, text);
  return parsed.ok ? parsed.value.signInRegion : undefined;
}

/** Host names of the sign-in by the ending of a partition's other names (endpoint rules of the service `signin`). */
const SIGN_IN: Readonly<Record<string, string>> = {
  'amazonaws.com': 'signin.aws.amazon.com',
  'amazonaws.com.cn': 'signin.amazonaws.cn',
  'amazonaws.eu': 'signin.amazonaws-eusc.eu',
  'c2s.ic.gov': 'signin.c2shome.ic.gov',
  'sc2s.sgov.gov': 'signin.sc2shome.sgov.gov',
};
const GOV = 'signin.amazonaws-us-gov.com';

/** How names of services end in a region, and which of them are asked for. */
export interface RegionNames {
  region: string;
  /** `amazonaws.com`. */
  ending: string;
  fips: boolean;
  dualstack: boolean;
}

/** The host that renews the keys of `aws login`. */
export function signInHost({ region, ending, fips, dualstack }: RegionNames): string {
  if (fips && !dualstack && region.startsWith('us-gov-')) {
    const fipsHost = 'signin-fips.amazonaws-us-gov.com';
    return region === 'us-gov-west-1' ? fipsHost : `${region}.${fipsHost}`;
  }
  if (fips) return `signin-fips.${region}.${ending}`;
  if (dualstack) return `signin.${region}.${ending}`;
  return `${region}.${region.startsWith('us-gov-') ? GOV : (SIGN_IN[ending] ?? `signin.${ending}`)}`;
}

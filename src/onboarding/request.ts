import { z } from 'zod';

// The schema of one vehicle to onboard; the fleet manifest is a list of it.
export const claimKindSchema = z.enum(['per-vehicle', 'temporary', 'shared']);
export const keysSchema = z.enum(['keys', 'csr-rsa', 'csr-ec']);

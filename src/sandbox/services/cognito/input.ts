import * as z from 'zod';
import { pattern } from '../../protocols/constraint.ts';

/** Members that many operations share. */
export const members = {
  poolId: pattern('[\\w\\-]+_[0-9a-zA-Z]+', 1, 55),
  clientId: pattern('[\\w+]+', 1, 128),
  username: pattern('[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+', 1, 128),
  // The model's own pattern is ^[\S]+.*[\S]+$: no space at either end, at least two characters.
  password: pattern('[\\S]+.*[\\S]+', 1, 256),
  attributes: z.array(
    z.object({
      Name: pattern('[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+', 1, 32),
      Value: z.string().max(2048).optional(),
    }),
  ),
  secretHash: pattern('[\\w+=/]+', 1, 128),
  code: pattern('[\\S]+', 1, 2048),
  accessToken: pattern('[A-Za-z0-9\\-_=.]+'),
  parameters: z.record(z.string(), z.string()),
};

export type AttributeList = z.infer<typeof members.attributes>;

/** Members whose values AWS omits from its validation messages. */
export const SENSITIVE = [
  'Username',
  'Password',
  'ProposedPassword',
  'TemporaryPassword',
  'ClientId',
  'ClientSecret',
  'SecretHash',
  'AccessToken',
  'Token',
  'Session',
  'Value',
];

import * as z from 'zod';

/** Members of requests, with the constraints of the AWS IoT API reference. */

function named(pattern: RegExp, max: number): z.ZodString {
  return z.string().min(1).max(max).regex(pattern);
}

export const thingName = named(/^[a-zA-Z0-9:_-]+$/, 128);
export const thingTypeName = named(/^[a-zA-Z0-9:_-]+$/, 128);
export const thingGroupName = named(/^[a-zA-Z0-9:_-]+$/, 128);
export const billingGroupName = named(/^[a-zA-Z0-9:_-]+$/, 128);
export const jobId = named(/^[a-zA-Z0-9_-]+$/, 64);
export const policyName = named(/^[\w+=,.@-]+$/, 128);
export const templateName = named(/^[0-9A-Za-z_-]+$/, 36);
/** AWS allows other lengths with `0x…` for CAs. Here every id is a SHA-256. */
export const certificateId = named(/^(0x)?[a-fA-F0-9]+$/, 64)
  .min(64)
  .transform((id) => id.toLowerCase());
export const policyVersionId = z.string().regex(/^[0-9]+$/);
export const templateVersionId = z
  .string()
  .regex(/^[0-9]+$/)
  .transform(Number);
export const attributeName = named(/^[a-zA-Z0-9_.,@/:#-]+$/, 128);
export const attributeValue = z
  .string()
  .max(800)
  .regex(/^[a-zA-Z0-9_.,@/:#=[\]-]*$/);
export const attributePayload = z.object({
  attributes: z.record(attributeName, attributeValue).optional(),
  merge: z.boolean().optional(),
});
export const principal = z.string().min(1);
export const pem = z.string().min(1).max(65_536);
export const roleArn = z.string().min(20).max(2048);
export const templateBody = z.string().max(10_240);
export const policyDocument = z.string().max(404_600);
export const registeredStatus = z.enum([
  'ACTIVE',
  'INACTIVE',
  'REVOKED',
  'PENDING_TRANSFER',
  'REGISTER_INACTIVE',
  'PENDING_ACTIVATION',
]);
/** Of an execution of a job: at most ten pairs ("AWS IoT Jobs limits"). */
export const statusDetails = z
  .record(
    named(/^[a-zA-Z0-9:_-]+$/, 128),
    z
      .string()
      .min(1)
      .max(1024)
      .regex(/^[^\p{C}]+$/u),
  )
  .refine((pairs) => Object.keys(pairs).length <= 10, 'Member must have length less than or equal to 10');
export const principalType = z.enum(['EXCLUSIVE_THING', 'NON_EXCLUSIVE_THING']);

/** Tags are accepted but not stored. */
export const tags = z
  .array(z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256).optional() }))
  .optional();

// Query parameters are strings.
export const queryFlag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional();
export const queryCount = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number)
  .pipe(z.number().min(1).max(250))
  .optional();
export const queryVersion = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
  .optional();
export const nextToken = z.string().optional();
export const marker = z
  .string()
  .max(1024)
  .regex(/^[A-Za-z0-9+/]+={0,2}$/)
  .optional();

/** `maxResults`/`nextToken` lists. */
export const tokenPaging = { maxResults: queryCount, nextToken };
/** `pageSize`/`marker` lists. */
export const markerPaging = { pageSize: queryCount, marker };
/** AWS documents 25 for ListCertificates and nothing for the others. */
export const DEFAULT_PAGE = 25;

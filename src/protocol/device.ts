import * as z from 'zod';
import { messageSchema, problemSchema } from './message.ts';

/**
 * What crosses the border of the device process (IPC of child_process, one object a message).
 * The parent asks with an `id`; the process answers `done` or `failed` with the same id, and may
 * send other messages with it in between. Keys cross only here, never argv, logs or errors.
 */

/** A device's own credentials, as PEM text. */
export const identitySchema = z.object({ certificatePem: z.string(), privateKeyPem: z.string() });
export type DeviceIdentity = z.infer<typeof identitySchema>;

/** Of a message: text, or base64 of what is none (`src/core/payload.ts`). */
export const payloadFields = { payload: z.string(), encoding: z.literal('base64').optional() };

/** Its address is secret. */
const proxySchema = z.object({ url: z.string(), authorization: z.string().optional() }).optional();

/**
 * Where to connect: host, port, the PEM of the roots to trust, a port to try when that one is closed, and the proxy on
 * the way to each of them.
 */
export const brokerSchema = z.object({
  host: z.string(),
  port: z.number().int(),
  rootCaPem: z.string(),
  otherPort: z.number().int().optional(),
  /** Absent: directly. */
  proxy: proxySchema,
  /** To the other port, where the way there is another one. */
  otherWay: z.object({ proxy: proxySchema }).optional(),
  /** PEM of the roots by which a proxy that speaks TLS is judged. */
  proxyRoots: z.array(z.string()).optional(),
});
export type Broker = z.infer<typeof brokerSchema>;

const base = { id: z.number().int() };
export const deviceRequestSchema = z.discriminatedUnion('kind', [
  /**
   * Fleet provisioning by claim. Order: connect with the claim → subscribe accepted/rejected →
   * create keys (or send the CSR) → event `certificate-issued` → wait for `certificate-saved` →
   * register thing → done {thingName, certificateId, deviceConfiguration}.
   */
  z.object({
    ...base,
    kind: z.literal('claim'),
    broker: brokerSchema,
    claim: identitySchema,
    clientId: z.string(),
    templateName: z.string(),
    parameters: z.record(z.string(), z.string()),
    /** PEM; when given the private key stays with the caller. */
    csrPem: z.string().optional(),
    timeoutMs: z.number().int(),
  }),
  /** The parent has the certificate on disk: go on and use the ownership token. */
  z.object({ ...base, kind: z.literal('certificate-saved') }),
  /** Connect with the given identity, publish all messages at QoS 1, wait for each acknowledgement, disconnect. */
  z.object({
    ...base,
    kind: z.literal('publish'),
    broker: brokerSchema,
    identity: identitySchema,
    clientId: z.string(),
    messages: z.array(z.object({ topic: z.string(), ...payloadFields })),
    timeoutMs: z.number().int(),
  }),
  /** Ends a running request; it answers `failed` with code CANCELLED. */
  z.object({ ...base, kind: z.literal('cancel') }),
]);
export type DeviceRequest = z.infer<typeof deviceRequestSchema>;

export const deviceMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({
    ...base,
    kind: z.literal('progress'),
    step: z.string(),
    message: messageSchema,
    /** `info` is for people, `debug` for logs. */
    level: z.enum(['debug', 'info']),
  }),
  z.object({
    ...base,
    kind: z.literal('certificate-issued'),
    certificateId: z.string(),
    certificatePem: z.string(),
    /** Absent with a CSR. */
    privateKeyPem: z.string().optional(),
  }),
  z.object({ ...base, kind: z.literal('done'), result: z.record(z.string(), z.unknown()) }),
  z.object({ ...base, kind: z.literal('failed'), problem: problemSchema }),
]);
export type DeviceMessage = z.infer<typeof deviceMessageSchema>;

import * as z from 'zod/mini';

/**
 * What the local sandbox writes to its ready file when it can be used. The line that it prints is the same without the
 * secret.
 */
export const sandboxReadySchema = z.object({
  ready: z.literal(true),
  /** Base URL of every AWS and CMS API. */
  endpoint: z.string(),
  /** `host:port` of MQTT over TLS. */
  mqttEndpoint: z.string(),
  /** PEM file of the root to trust. */
  caFile: z.string(),
  region: z.string(),
  accountId: z.string(),
  /** Made at each start: shows the sandbox who asks, and whoever asks that it is this sandbox. */
  secret: z.string().check(z.minLength(32)),
  /** What is installed. A sandbox before 0.3 does not say it, and may still run. */
  installations: z._default(
    z.array(
      z.object({
        /** `KIND:NAME`. */
        id: z.string(),
        /** The root stacks by what they are; the first is what people know it by. */
        stacks: z.record(z.string(), z.string()),
      }),
    ),
    [],
  ),
  /** The same stacks, by what they are, such as `cms` and `cdf`. */
  stacks: z.record(z.string(), z.array(z.string())),
});
export type SandboxReady = z.infer<typeof sandboxReadySchema>;

/** The header of a request to `/_sandbox` that carries the secret. */
export const SECRET_HEADER = 'x-sandbox-secret';

import * as z from 'zod/mini';

/** The one line the local sandbox prints (and writes to its ready file) when it can be used. */
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
  stacks: z.object({ cms: z.array(z.string()), cdf: z.array(z.string()) }),
});
export type SandboxReady = z.infer<typeof sandboxReadySchema>;

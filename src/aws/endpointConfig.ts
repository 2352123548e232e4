/** What a client of the SDK is told about its endpoint; nothing for AWS's own. */
export type EndpointConfig =
  { endpoint: string; useFipsEndpoint: false; useDualstackEndpoint: false } | Record<string, never>;

/**
 * An endpoint of one's own is taken as it is. The SDK refuses one together with FIPS or dual-stack; the AWS CLI goes
 * there.
 */
export function endpointConfig(endpoint: string | undefined): EndpointConfig {
  return endpoint === undefined ? {} : { endpoint, useFipsEndpoint: false, useDualstackEndpoint: false };
}

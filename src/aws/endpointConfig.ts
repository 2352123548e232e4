/** An endpoint is taken as it is: the SDK refuses one together with FIPS or dual-stack, where the AWS CLI goes there. */
export const AS_IT_IS = { useFipsEndpoint: false, useDualstackEndpoint: false } as const;

/** Endpoints were decided already (`resolveSettings`): the SDK must not find others in the environment. */
export const DECIDED = { ignoreConfiguredEndpointUrls: true } as const;

/** What a client of the SDK is told about its endpoint; nothing for AWS's own. */
export function endpointConfig(endpoint: string | undefined): object {
  return endpoint === undefined ? DECIDED : { ...DECIDED, endpoint, ...AS_IT_IS };
}

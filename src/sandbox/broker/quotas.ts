/**
 * Quotas of the message broker (AWS General Reference, "AWS IoT Core endpoints and quotas"). AWS cannot raise any of
 * them for a single connection.
 */
export const QUOTAS = {
  publishesPerSecond: 100,
  bytesPerSecond: 512 * 1024,
  payloadBytes: 128 * 1024,
  packetBytes: 146 * 1024,
  /** A client of MQTT 5 must take packets at least this large. */
  smallestPacketBytes: 512,
  topicAliases: 8,
  sessionExpirySeconds: 3600,
  /** What AWS can raise the former to. */
  longestSessionExpirySeconds: 604_800,
  filtersPerSubscribe: 8,
  subscriptionsPerConnection: 50,
  unacknowledged: 100,
  /** In most regions since 2025 (Service Quotas of us-east-1, 25 June 2025); it was 500, and 100 in small regions. */
  connectsPerSecondPerAccount: 3000,
  connectsPerSecondPerClientId: 1,
  subscriptionsPerSecondPerAccount: 500,
  storedMessagesPerSecond: 10,
  sharedMessagesPerSecond: 20,
  createKeysPerSecond: 10,
  createFromCsrPerSecond: 100,
  registerThingPerSecond: 10,
} as const;

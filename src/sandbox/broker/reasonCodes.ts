import type { DisconnectReason } from './presence.ts';

/**
 * Reason codes of MQTT 5 that the broker sends (MQTT 5, section 2.4; which of them AWS IoT sends: AWS IoT Developer
 * Guide, "MQTT reason codes").
 */
export const REASON = {
  success: 0x00,
  withWill: 0x04,
  unspecified: 0x80,
  malformed: 0x81,
  protocolError: 0x82,
  clientIdInvalid: 0x85,
  notAuthorized: 0x87,
  shuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  takenOver: 0x8e,
  filterInvalid: 0x8f,
  topicInvalid: 0x90,
  identifierInUse: 0x91,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  qosNotSupported: 0x9b,
  subscriptionIdentifiersNotSupported: 0xa1,
} as const;

/** The reason code of DISCONNECT for each end that the broker brings about; 0 where nothing can be sent. */
export const DISCONNECT_CODES: Readonly<Record<DisconnectReason, number>> = {
  API_INITIATED_DISCONNECT: REASON.administrativeAction,
  AUTH_ERROR: REASON.notAuthorized,
  CLIENT_ERROR: REASON.protocolError,
  CLIENT_INITIATED_DISCONNECT: REASON.success,
  CONNECTION_LOST: REASON.success,
  DUPLICATE_CLIENTID: REASON.takenOver,
  MQTT_KEEP_ALIVE_TIMEOUT: REASON.keepAliveTimeout,
  SERVER_ERROR: REASON.unspecified,
  SERVER_INITIATED_DISCONNECT: REASON.shuttingDown,
  THROTTLED: REASON.quotaExceeded,
};

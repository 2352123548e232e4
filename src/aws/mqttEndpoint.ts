import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { MqttEndpoint } from './connection.ts';

const MQTT_TLS_PORT = 8883;
/** Open where 8883 is not. Source: AWS IoT Developer Guide, "Device communication protocols". */
const OTHER_PORT = 443;

/**
 * Reads `host`, `host:port` or `[IPv6]:port`, as DescribeEndpoint answers it. Without a port it is 8883, and 443 where that
 * is closed.
 */
export function parseMqttEndpoint(address: string): MqttEndpoint {
  const parts = /^(\[[0-9a-f:]+\]|[^\s:/]+)(?::(\d{1,5}))?$/i.exec(address);
  const host = parts?.[1]?.replace(/^\[|\]$/g, '');
  const port = parts?.[2] === undefined ? MQTT_TLS_PORT : Number(parts[2]);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new CmsError(
      'AWS_CALL_FAILED',
      l10n.t('AWS IoT returned an invalid MQTT endpoint: "{address}".', { address }),
      {
        remedy: l10n.t('Check that AWS IoT is available in this region.'),
      },
    );
  }
  return parts?.[2] === undefined ? { host, port, otherPort: OTHER_PORT } : { host, port };
}

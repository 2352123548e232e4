import * as vscode from 'vscode';
import type { ConnectionOptions } from '../../aws/connection.ts';
import { defined } from '../../core/defined.ts';
import { systemProxyFor, systemRoots } from './systemNetwork.ts';

/** How connections leave this machine, by the settings of the editor and of the extension. */
export function networkSettings(): Pick<ConnectionOptions, 'proxy' | 'trusted' | 'mqttPort'> {
  const http = vscode.workspace.getConfiguration('http');
  const port = vscode.workspace.getConfiguration('cmsEnablement.mqtt').get<number>('port', 0);
  // Turned off, the editor takes no notice of its own proxy settings either.
  const isOff = http.get('proxySupport') === 'off';
  return {
    trusted: systemRoots,
    ...(isOff
      ? {}
      : {
          proxy: {
            proxy: http.get<string>('proxy'),
            noProxy: http.get<string[]>('noProxy'),
            authorization: http.get<string | null>('proxyAuthorization') ?? undefined,
            system: systemProxyFor,
          },
        }),
    ...defined({ mqttPort: port === 0 ? undefined : port }),
  };
}

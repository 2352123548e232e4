import { oneOf, wholeNumber } from '../../kernel/arguments.ts';
import type { InstallationKind } from '../contract.ts';
import type { CdfSettings } from './contract.ts';

const LONGEST_DELAY_MS = 600_000;

/** What concerns every CMS v1 of a sandbox. */
export const options: InstallationKind<CdfSettings>['options'] = {
  assetLibraryAuth: {
    value: 'MODE',
    description: 'none, as the documented install has it, or cognito',
    default: 'none',
    read: (text, option) => oneOf(option, text, ['none', 'cognito']),
  },
  eventDelayMs: {
    value: 'MS',
    description: 'until the telemetry side knows of a registry change',
    default: 3000,
    read: (text, option) => wholeNumber(option, text, 0, LONGEST_DELAY_MS),
  },
};

import type { SandboxConfig } from '../../kernel/context.ts';

/** The names that one deployment has in AWS, by its stage. */
export interface Names {
  /** The beginning of most names. */
  readonly prefix: string;
  /** The rule that telemetry goes to. */
  readonly rule: string;
  /** The rule of the data product, on the same topic. */
  readonly productRule: string;
  readonly commandRule: string;
  readonly sovdRule: string;
  /** Where the two rules of telemetry put each message. */
  readonly backupBucket: string;
  /** `cms/<stage>/telemetry`. */
  readonly telemetryTopic: string;
  readonly demoSecret: string;
  /** A table of the storage stack, as that stack names it. */
  storage(table: StorageTable): string;
  /** The same, as the functions of the other stacks name it. */
  readonly known: (table: StorageTable) => string;
  readonly modelManifests: string;
  readonly decoderManifests: string;
  readonly signalCatalog: string;
  readonly eventCatalog: string;
  readonly campaigns: string;
  readonly dataSources: string;
  readonly simulations: string;
}

export const STORAGE_TABLES = [
  'vehicles',
  'vehicle-certificates',
  'fleets',
  'fleet-enrollment',
  'drivers',
  'telemetry',
  'trips',
  'safety-events',
  'maintenance-alerts',
  'dtc-history',
  'commands',
  'geofences',
  'service-history',
  'subscriptions',
  'recalls',
  'warranty-claims',
  'vehicle-costs',
  'charging-sessions',
  'location-snapshots',
  'vehicle-link-codes',
  'user-preferences',
  'dashboard-metrics-cache',
  'ws-connections',
] as const;
export type StorageTable = (typeof STORAGE_TABLES)[number];

/**
 * Several stacks cut the stage out of their own name, at the second hyphen: with a hyphen in the stage they name tables
 * and rules by its beginning, and the functions, which have the stage from their environment, look for others.
 */
export function namesOf(stage: string, { region, accountId }: SandboxConfig): Names {
  const [cut = stage] = stage.split('-');
  const prefix = `cms-${stage}`;
  return {
    prefix,
    rule: `cms_${cut}_iot_msk_rule`,
    productRule: `cms_${cut}_cs_product_meridian_ev_rule`,
    commandRule: `cms_${cut}_command_response_rule`,
    sovdRule: `cms_${cut}_sovd_response_rule`,
    backupBucket: `cms-${cut}-telemetry-backup-${region}-${accountId}`,
    telemetryTopic: `cms/${cut}/telemetry`,
    demoSecret: `${prefix}-demo-user-password`,
    storage: (table) => `cms-${cut}-storage-${table}`,
    known: (table) => `${prefix}-storage-${table}`,
    modelManifests: `${prefix}-model-manifest`,
    decoderManifests: `${prefix}-decoder-manifest`,
    signalCatalog: `${prefix}-signal-catalog`,
    eventCatalog: `${prefix}-event-catalog`,
    campaigns: `${prefix}-campaigns`,
    dataSources: `${prefix}-data-source-configs`,
    simulations: `${prefix}-simulations`,
  };
}

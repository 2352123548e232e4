/**
 * Names that the stacks of the Guidance for Connected Mobility on AWS (SO9618) give, by the stage of the deployment.
 * Source: the stacks of 0.4.0 and 0.4.1.
 */
export interface Names {
  readonly stage: string;
  /** Of the topic rule that takes telemetry in. */
  readonly rule: string;
  /** Function names, buckets and applications begin so. */
  readonly prefix: string;
  readonly tables: {
    readonly vehicles: string;
    readonly certificates: string;
    readonly fleets: string;
    readonly enrollment: string;
    readonly drivers: string;
    readonly telemetry: string;
    readonly trips: string;
    readonly models: string;
    readonly signals: string;
    readonly events: string;
    readonly campaigns: string;
    readonly troubleCodes: string;
  };
  /** Secret with the password of the demo user. */
  readonly demoSecret: string;
  /** Of Kafka, which the stream hands the telemetry of a fleet to; it is the same for all stages. */
  fleetTopic(fleetId: string): string;
}

export function namesOf(stage: string): Names {
  const prefix = `cms-${stage}`;
  return {
    stage,
    prefix,
    rule: `cms_${stage}_iot_msk_rule`,
    tables: {
      vehicles: `${prefix}-storage-vehicles`,
      certificates: `${prefix}-storage-vehicle-certificates`,
      fleets: `${prefix}-storage-fleets`,
      enrollment: `${prefix}-storage-fleet-enrollment`,
      drivers: `${prefix}-storage-drivers`,
      telemetry: `${prefix}-storage-telemetry`,
      trips: `${prefix}-storage-trips`,
      models: `${prefix}-model-manifest`,
      signals: `${prefix}-signal-catalog`,
      events: `${prefix}-event-catalog`,
      campaigns: `${prefix}-campaigns`,
      troubleCodes: `${prefix}-storage-dtc-history`,
    },
    demoSecret: `${prefix}-demo-user-password`,
    fleetTopic: (fleetId) => `cms-fleet-${fleetId}-telemetry`,
  };
}

/** The policies that vehicles were seen with; those of an account are shared by its stages. */
export const DEVICE_POLICIES = ['CMS-Vehicle-IoT-Policy-Scoped', 'CMS-Vehicle-IoT-Policy'] as const;

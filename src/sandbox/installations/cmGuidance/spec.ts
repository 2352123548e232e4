import type { InstallationSpec } from '../contract.ts';

/** Guidance for Connected Mobility on AWS (SO9618), as `--install cm-guidance:<stage>` describes it. */
export interface GuidanceSpec {
  readonly stage: string;
  /** The stacks that are deployed. */
  readonly parts: readonly Part[];
  /** What the seeds of the deployment put in. */
  readonly seeds: readonly Seed[];
  /** Whether a fleet, drivers and vehicles are there from the start. */
  readonly demo: boolean;
  /** How the installation began; each can be changed later. */
  readonly switches: Switches;
}

/** What differs from one deployment to the next, and nothing in it tells. */
export interface Switches {
  /** The policy of the vehicles' certificates. */
  readonly policy: PolicyVariant;
  /** Whether somebody made PUT and DELETE of vehicles and fleets at the gateway, which the CDK does not. */
  readonly change: 'absent' | 'present';
  /** Whether paths without a resource of their own reach the function behind `/{proxy+}`. */
  readonly proxy: 'reached' | 'missed';
  readonly websocket: 'working' | 'silent' | 'refused';
  /** Whether there is a Kafka topic for each fleet, of which nobody knows who makes it. */
  readonly fleetTopics: 'made' | 'missing';
  /** Whether the rules reach the cluster; when not, what goes wrong is in the log of their errors. */
  readonly kafka: 'reached' | 'refused';
  /** The place in the VPC that they reach it at. */
  readonly destination: 'enabled' | 'error';
  /** The service that feeds the WebSocket; `placeholder` does not know where the cluster is. */
  readonly fanout: 'running' | 'stopped' | 'placeholder';
  /** The Flink apps that do not run: they are made so, and started by hand. */
  readonly stopped: readonly FlinkApp[];
  /** Whether the simulator repeats what a run was asked for; releases may leave it empty. */
  readonly runConfig: 'told' | 'empty';
  /** The source of this day, `YYYY-MM-DD`: older ones have other rules. */
  readonly asOf: string;
}

export const PARTS = [
  'ui',
  'storage',
  'iot',
  'msk',
  'data-processing',
  'telemetry-integration',
  'flink',
  'fleetwise',
  'simulation',
  'commands',
  'ws-fanout',
] as const;
export type Part = (typeof PARTS)[number];
/** Without these nothing is a deployment. */
const ALWAYS: readonly string[] = ['ui', 'storage', 'iot', 'msk', 'data-processing', 'flink'];

/** The apps of the stream, each `<prefix>-flink-<app>`. */
export const FLINK_APPS = [
  'simulator-preprocessor',
  'event-driven-telemetry-processor',
  'telemetry-processor',
  'trip-processor',
  'safety-processor',
  'maintenance-processor',
  'geofence-processor',
  'fw-telemetry-processor',
  'oem-telemetry-processor',
  'campaign-sync-processor',
] as const;
export type FlinkApp = (typeof FLINK_APPS)[number];

/** What `make phase-seeds` puts in; drivers come with demo data only. */
export const SEEDS = ['signals', 'events', 'manifests'] as const;
export type Seed = (typeof SEEDS)[number];

export const POLICIES = ['stock', 'old', 'scoped'] as const;
export type PolicyVariant = (typeof POLICIES)[number];

/** Days on which the rules changed. */
export const DAYS = {
  /** A token without groups and fleets meant an administrator before. */
  failClosed: '2026-08-05',
  /** The demo user was a platform administrator before. */
  demoOperator: '2026-08-07',
  /** `modelManifestName` was not asked for before, and `createCertificate` was taken. */
  manifestNeeded: '2026-08-28',
  /** `producer` was not asked for before. */
  producerNeeded: '2026-09-15',
  /** The simulation API had no authoriser before (releases up to about 0.2). */
  simulationClosed: '2026-07-01',
  /** 0.4: `CMS-FLEET-MODEL` in place of `CMS-Fleet-Default`. */
  newest: '2026-09-28',
} as const;

/** Words for the keys of `--install`, each with what it may be. */
const CHOICES = {
  policy: POLICIES,
  change: ['absent', 'present'],
  proxy: ['reached', 'missed'],
  websocket: ['working', 'silent', 'refused'],
  'fleet-topics': ['made', 'missing'],
  flink: ['running', 'ready'],
  kafka: ['reached', 'refused'],
  destination: ['enabled', 'error'],
  fanout: ['running', 'stopped', 'placeholder'],
  'run-config': ['told', 'empty'],
  demo: ['no', 'yes'],
} as const;
const KEYS = [...Object.keys(CHOICES), 'as-of', 'without', 'empty'];

const STAGE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST_STAGE = 20;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function specOf({ name, with: given }: InstallationSpec): GuidanceSpec {
  const without = (given.without ?? '').split('+');
  const empty = (given.empty ?? '').split('+');
  return {
    stage: name,
    parts: PARTS.filter((part) => !without.includes(part)),
    seeds: SEEDS.filter((seed) => !empty.includes(seed)),
    demo: given.demo === 'yes',
    switches: {
      policy: choice(POLICIES, given.policy, 'stock'),
      change: choice(CHOICES.change, given.change, 'absent'),
      proxy: choice(CHOICES.proxy, given.proxy, 'reached'),
      websocket: choice(CHOICES.websocket, given.websocket, 'working'),
      fleetTopics: choice(CHOICES['fleet-topics'], given['fleet-topics'], 'made'),
      kafka: choice(CHOICES.kafka, given.kafka, 'reached'),
      destination: choice(CHOICES.destination, given.destination, 'enabled'),
      fanout: choice(CHOICES.fanout, given.fanout, 'running'),
      runConfig: choice(CHOICES['run-config'], given['run-config'], 'told'),
      stopped: given.flink === 'ready' ? FLINK_APPS : [],
      asOf: given['as-of'] ?? DAYS.newest,
    },
  };
}

function choice<T extends string>(known: readonly T[], text: string | undefined, otherwise: T): T {
  return known.find((each) => each === text) ?? otherwise;
}

/** Why it cannot be installed. */
export function problemOf({ name, with: given }: InstallationSpec): string | undefined {
  const unknown = Object.keys(given).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    return `cm-guidance has no "${unknown}", only ${KEYS.map((key) => `${key}=`).join(', ')}.`;
  }
  if (!STAGE.test(name) || name.length > LONGEST_STAGE) {
    return `"${name}": a stage is up to ${LONGEST_STAGE} small letters, digits and single hyphens, a letter first.`;
  }
  for (const [key, known] of Object.entries(CHOICES)) {
    const text = given[key];
    if (text !== undefined && !known.some((each) => each === text)) {
      return `${key}= is ${known.join(' or ')}.`;
    }
  }
  const day = given['as-of'];
  if (day !== undefined && (!DAY.test(day) || Number.isNaN(Date.parse(day)))) {
    return 'as-of= is a day such as 2026-06-11.';
  }
  const removable = PARTS.filter((part) => !ALWAYS.includes(part));
  return unknownIn('without', given.without, removable) ?? unknownIn('empty', given.empty, SEEDS);
}

function unknownIn(key: string, text: string | undefined, known: readonly string[]): string | undefined {
  const wrong = text?.split('+').find((each) => !known.includes(each));
  return wrong === undefined
    ? undefined
    : `${key}= knows no "${wrong}", only ${known.join(', ')}; several are joined by "+".`;
}

/** Its root stacks; `ui` is what people know it by. */
export function stacksOf({ stage, parts }: GuidanceSpec): Record<string, string> {
  return Object.fromEntries(parts.map((part) => [part, stackName(stage, part)]));
}

export function stackName(stage: string, part: Part): string {
  return `cms-${stage}-${part}`;
}

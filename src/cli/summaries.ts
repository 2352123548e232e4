/**
 * What `cms-enablement --help` says of each command. `npm run docs` writes it from the commands, so that the help needs
 * none of them.
 */
export const SUMMARIES: readonly { term: string; description: string }[] = [
  { term: 'onboard [options]', description: 'onboard a vehicle, or a fleet of them' },
  {
    term: 'vehicles [options]',
    description:
      'list vehicles with what their CMS knows about them, their certificates, and when they were last seen',
  },
  { term: 'users [options]', description: 'list CMS users' },
  { term: 'suppliers [options]', description: 'list suppliers of devices' },
  {
    term: 'stored [options]',
    description: 'list the vehicles whose telemetry the GraphQL API of CMS on AWS has',
  },
  { term: 'alerts [options]', description: 'list the alerts of CMS on AWS' },
  { term: 'fleets [options]', description: 'list fleets' },
  { term: 'model-manifests [options]', description: 'list model manifests' },
  { term: 'drivers [options]', description: 'list drivers' },
  { term: 'access [options]', description: 'show what you may do: the groups and fleets of your sign-in' },
  {
    term: 'doctor [options]',
    description: "explain why a vehicle's data would not arrive: one line per check, with the remedy",
  },
  {
    term: 'provision [options]',
    description: 'get the production certificate of a vehicle, or of a fleet of them',
  },
  {
    term: 'simulate [options]',
    description: 'drive vehicles along a route; each sends its telemetry on its own connection',
  },
  {
    term: 'simulate-in-cloud [options]',
    description: 'have the simulator of the CMS send telemetry for vehicles, and end what it started',
  },
  {
    term: 'worker [options]',
    description: 'drive one shard of a run; started by an engine, not by a person',
  },
  {
    term: 'identities',
    description: 'certificates and keys of test vehicles, for workers that do not see the certificate folder',
  },
  {
    term: 'scale',
    description: 'runs of several workers ("simulate --shards"): control one, set up AWS Batch',
  },
  {
    term: 'watch [options]',
    description: 'show the telemetry that reaches AWS IoT from all or some vehicles of a deployment',
  },
  { term: 'results', description: 'what simulations left with "simulate --results"' },
  { term: 'replay [options]', description: 'show a recorded simulation as it happened; nothing is sent' },
  {
    term: 'dtc [options]',
    description: "report a trouble code as a vehicle; CMS shows it after the vehicle's next sample",
  },
  {
    term: 'job [options]',
    description: 'send a job (a command) to a vehicle through AWS IoT, and follow it to its end',
  },
  {
    term: 'command [options]',
    description: 'have the CMS send a command to a vehicle, and follow it to its end',
  },
  {
    term: 'rotate [options]',
    description: 'replace the production certificate of a vehicle; the old one is taken out of service',
  },
  { term: 'offboard [options]', description: 'undo an onboarding; first lists what it will remove' },
  { term: 'certificates', description: 'certificates in numbers, as a factory has them' },
  {
    term: 'ca',
    description:
      'have your own CA sign the certificates of vehicles, and let AWS IoT take them at their first connect',
  },
  { term: 'stacks [options]', description: 'list the CMS stacks of an account and region' },
  {
    term: 'deployments [options]',
    description:
      'list the CMS deployments of every generation in an account and region, and what each supports',
  },
  {
    term: 'sandbox [options...]',
    description:
      'run the local sandbox: AWS and CMS on loopback, for experiments and tests (--help lists its options)',
  },
  { term: 'mcp [options]', description: 'serve tools to an MCP client' },
  {
    term: 'demo [options]',
    description: 'onboard two vehicles onto its own sandbox, drive them, read everything back, and clean up',
  },
];

import type { CdfSettings, CdfUrls } from '../contract.ts';
import type { Context } from '../../../kernel/context.ts';
import { defined } from '../../../kit/defined.ts';
import { arnOf } from '../../../kit/partition.ts';
import {
  derived,
  derivedUuid,
  type StackOutput,
  type StackPlan,
} from '../../../services/cloudformation/stack.ts';

const CDF = 'CDF (AWS Connected Device Framework)';

/** The `<ENV>` of `cdf-core-<ENV>`, which CDF includes in every name. */
export function coreEnvironment(core: string): string {
  return core.replace(/^cdf-core-/, '');
}

export interface CoreNetwork {
  vpcId: string;
  securityGroupId: string;
  privateSubnetIds: string;
  publicSubnetIds: string;
}

export function coreNetwork(core: string): CoreNetwork {
  const subnets = (kind: string): string =>
    [1, 2].map((n) => `subnet-0${derived(`${core}/${kind}/${n}`, 16)}`).join(',');
  return {
    vpcId: `vpc-0${derived(`${core}/vpc`, 16)}`,
    securityGroupId: `sg-0${derived(`${core}/sg`, 16)}`,
    privateSubnetIds: subnets('private'),
    publicSubnetIds: subnets('public'),
  };
}

/** A REST service of CDF and the parts of its names. */
interface CdfService {
  logicalId: string;
  prefix: string;
  functionName: string;
  exports: string;
  description: string;
  /** The root template misspells one key. */
  urlKey?: string;
}

const servicesA: CdfService[] = [
  {
    logicalId: 'AssetLibrary',
    prefix: 'AssetLibrary',
    functionName: 'assetLibrary',
    exports: 'assetlibrary',
    description: 'CDF Asset Library Service',
  },
  {
    logicalId: 'Provisioning',
    prefix: 'Provisioning',
    functionName: 'provisioning',
    exports: 'provisioning',
    description: 'CDF Provisioning Service',
  },
  {
    logicalId: 'Commands',
    prefix: 'Commands',
    functionName: 'commands',
    exports: 'commands',
    description: 'CDF Commands Service',
  },
  {
    logicalId: 'AssetLibraryHistory',
    prefix: 'AssetLibraryHistory',
    functionName: 'assetLibraryHistory',
    exports: 'assetlibraryhistory',
    description: 'CDF Asset Library History Service',
  },
  {
    logicalId: 'EventsProcessor',
    prefix: 'EventsProcessor',
    functionName: 'eventsprocessor',
    exports: 'eventsProcessor',
    description: 'CDF Events Processor Service',
  },
  {
    logicalId: 'BulkCerts',
    prefix: 'BulkCerts',
    functionName: 'bulkCerts',
    exports: 'bulkcerts',
    description: 'CDF Bulk Certs Service',
    urlKey: 'BulkCertstApiGatewayUrl',
  },
];
const servicesB: CdfService[] = [
  {
    logicalId: 'SimulationManager',
    prefix: 'SimulationManager',
    functionName: 'simulation-manager',
    exports: 'simulation-manager',
    description: 'CDF Simulation Manager',
  },
];

/** A CDF 1.0.5 core, as its single-stack template creates it. Only the asset library is actually served. */
export function cdfPlan(
  context: Context,
  core: string,
  { urls, settings }: { urls: Pick<CdfUrls, 'urlOfCore'>; settings: Pick<CdfSettings, 'assetLibraryAuth'> },
): StackPlan {
  const { config, endpoints } = context;
  const environment = coreEnvironment(core);
  const network = coreNetwork(core);
  const kms: StackOutput = { key: 'KmsKeyId', value: derivedUuid(`${core}/kms`), description: 'KMS Key ID' };
  const cognito = settings.assetLibraryAuth === 'cognito';

  const urlOf = (service: CdfService): string =>
    service.prefix === 'AssetLibrary'
      ? urls.urlOfCore(core).assetLibrary
      : `${endpoints.http}/execute-api/${derived(`${core}/${service.prefix}`, 10, '0123456789abcdefghijklmnopqrstuvwxyz')}/Prod`;

  /** The three outputs of a service, as its own stack names them, and as the stacks above (`ServicesA`, root) do. */
  const outputsOf = (service: CdfService): { leaf: StackOutput[]; above: StackOutput[] } => {
    const url = urlOf(service);
    const exports = (what: string): string => `cdf-${service.exports}-${environment}-${what}`;
    const leaf: StackOutput[] = [
      {
        key: 'RestApiFunctionName',
        value: `cdf-${service.functionName}-rest-${environment}`,
        exportName: exports('restApiFunctionName'),
      },
      { key: 'ApiGatewayUrl', value: url, exportName: exports('apigatewayurl') },
      { key: 'ApiGatewayHost', value: new URL(url).host, exportName: exports('apigatewayhost') },
    ];
    const names: Record<string, string> = defined({ ApiGatewayUrl: service.urlKey });
    return {
      leaf,
      above: leaf.map(({ key, value }) => ({ key: names[key] ?? `${service.prefix}${key}`, value })),
    };
  };
  const leaves = (services: CdfService[]): Record<string, StackPlan> =>
    Object.fromEntries(
      services.map((service) => [
        service.logicalId,
        { description: service.description, outputs: outputsOf(service).leaf },
      ]),
    );
  const above = (services: CdfService[]): StackOutput[] =>
    services.flatMap((service) => outputsOf(service).above);
  const exporter: StackOutput[] = [
    {
      key: 'AssetLibraryExportETLLambdaFunctionName',
      value: `cdf-assetLibrary-export-etl-${environment}`,
    },
    {
      key: 'AssetLibraryExportBatchLambdaFunctionName',
      value: `cdf-assetLibrary-export-batch-${environment}`,
    },
    {
      key: 'AssetLibraryExportExportCompletionSnsTopic',
      value: arnOf(config, 'sns', `cdf-assetlibrary-export-completion-${environment}`),
    },
  ];
  const networkOutputs = (name: (key: string) => string, exported: boolean): StackOutput[] =>
    (
      [
        ['VpcId', network.vpcId],
        ['SecurityGroupId', network.securityGroupId],
        ['PrivateSubnetIds', network.privateSubnetIds],
        ['PublicSubnetIds', network.publicSubnetIds],
      ] as const
    ).map(([key, value]) => ({
      key: name(key),
      value,
      ...defined({ exportName: exported ? `cdf-network-${environment}-${key}` : undefined }),
    }));

  return {
    description: CDF,
    parameters: {
      Environment: environment,
      ArtifactsBucket: `cdf-artifacts-${config.accountId}-${config.region}`,
      ArtifactsConfigPrefix: 'config/',
      KmsKeyId: kms.value,
      AuthType: cognito ? 'Cognito' : 'None',
      ApiGatewayDefinitionTemplate: cognito
        ? 'cfn-apiGateway-cognitoAuth.yaml'
        : 'cfn-apiGateway-noAuth.yaml',
      AssetLibraryMode: 'full',
      ...Object.fromEntries(
        [...servicesA, ...servicesB].map((service) => [`Include${service.prefix}`, 'true']),
      ),
      IncludeAssetLibraryExport: 'true',
      EnableApiGatewayAccessLogs: 'false',
    },
    outputs: [
      kms,
      ...above(servicesA),
      ...above(servicesB),
      ...networkOutputs((key) => `CDF${key}`, false),
      ...exporter,
    ],
    nested: {
      Shared: {
        description: CDF,
        outputs: [kms, ...networkOutputs((key) => (key === 'SecurityGroupId' ? `CDF${key}` : key), true)],
      },
      ServicesA: { description: CDF, outputs: [...above(servicesA), ...exporter], nested: leaves(servicesA) },
      ServicesB: {
        description: CDF,
        outputs: above(servicesB),
        nested: { ...leaves(servicesB), SimulationLauncher: { description: 'CDF Simulation Launcher' } },
      },
    },
  };
}

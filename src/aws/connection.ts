import type { Agent } from 'node:http';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { IoTClient } from '@aws-sdk/client-iot';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Message } from '../core/message.ts';
import type { Clock, Random } from '../core/work.ts';
import type { EditorProxy, Target, Way } from '../network/proxySettings.ts';

/** How to reach one AWS account in one region, or anything that speaks the same wire. */
export interface ConnectionOptions {
  /** A profile of ~/.aws. Without it the usual provider chain decides. */
  profile?: string;
  region?: string;
  /** Base URL that replaces every AWS endpoint (`AWS_ENDPOINT_URL` and a profile's `endpoint_url` count too). */
  endpoint?: string;
  /**
   * What listens at the endpoint must prove that it knows this, on each connection and before anything else crosses
   * it. For a program that was started here, on a port that anybody else could have taken. Without it the ready file
   * counts that `CMS_SANDBOX_READY` or a profile's `cms_sandbox_ready` names.
   */
  endpointSecret?: string;
  /**
   * PEM file to trust besides everything else this machine trusts (`AWS_CA_BUNDLE` and a profile's `ca_bundle` count too).
   * Together with an own endpoint it is what devices trust as well.
   */
  caFile?: string;
  /** The port of MQTT; without it 8883, or 443 where that is closed. */
  mqttPort?: number;
  /** What an editor is told about proxies; without it the environment decides. */
  proxy?: EditorProxy;
  /** PEM of the roots that an editor trusts, for HTTPS besides everything else. */
  trusted?: (() => Promise<readonly string[]>) | undefined;
  /** They win over a profile and the provider chain. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** Asked when an assume-role profile wants a one-time code. */
  mfaCode?: (serial: string) => Promise<string>;
}

export interface CallerIdentity {
  accountId: string;
  arn: string;
}

/** Host name and port of the MQTT endpoint devices connect to. */
export interface MqttEndpoint {
  host: string;
  port: number;
  /** A port to try when that one is closed. */
  otherPort?: number;
}

/** Where a device connects, and how. */
export interface BrokerAddress extends MqttEndpoint {
  rootCaPem: string;
  /** The proxy on the way; undefined = directly. */
  proxy: Way;
  /** The way to the other port, where there is one. */
  otherWay?: { proxy: Way };
  /** PEM of the roots by which a proxy that speaks TLS is judged; absent where none does. */
  proxyRoots?: readonly string[];
}

/** Name of the proxy on the way to somewhere; undefined = directly. */
export type ProxyTo = (target: Target) => string | undefined;

/** All that differs between AWS, another endpoint and the sandbox. Clients are made at first use. */
export interface Connection {
  /** For people: "profile dev, us-west-2". */
  readonly label: Message;
  readonly region: string;
  readonly endpoint: string | undefined;
  /** What people must know before they use it. */
  readonly warning?: Message | undefined;
  /** What clients that are not made here go out by, such as WebSockets: by the proxy, or to an endpoint that proves itself. */
  readonly agent: Agent;
  readonly proxyTo: ProxyTo;
  /** What everybody who works through this connection waits by. */
  readonly clock: Clock;
  readonly random: Random;
  cloudFormation(): Promise<CloudFormationClient>;
  cognito(): Promise<CognitoIdentityProviderClient>;
  dynamoDb(): Promise<DynamoDBClient>;
  iam(): Promise<IAMClient>;
  iot(): Promise<IoTClient>;
  s3(): Promise<S3Client>;
  secretsManager(): Promise<SecretsManagerClient>;
  ssm(): Promise<SSMClient>;
  /** STS GetCallerIdentity, asked once. */
  identity(signal?: AbortSignal): Promise<CallerIdentity>;
  /** IoT DescribeEndpoint `iot:Data-ATS`; the answer may be `host` or `host:port` (default port 8883). */
  mqttEndpoint(signal?: AbortSignal): Promise<MqttEndpoint>;
  /**
   * What a device is given to trust, in PEM: Amazon Root CA 1, or with an own endpoint the CA file. A company's CA for
   * HTTPS is never among it.
   */
  rootCa(): Promise<string>;
  /** How this machine reaches AWS IoT as a device: with what it trusts (Amazon's roots and the CA file), and the proxy. */
  broker(signal?: AbortSignal): Promise<BrokerAddress>;
  /** HTTP(S) with the roots and the proxy of the connection, in bounded time. */
  http(): HttpClient;
  dispose(): void;
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
  /** Milliseconds; default 35,000, above API Gateway's 29 s. */
  timeoutMs?: number;
}

export interface HttpReply {
  status: number;
  headers: Record<string, string>;
  /** Undecoded text; may be empty or HTML whatever the status says. */
  text: string;
  /** The same as it came. */
  body?: Uint8Array;
}

/** Sends once and gives any status back; throws CmsError ENDPOINT_UNREACHABLE or CANCELLED only. */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpReply>;
}

/** As much of a connection as work on AWS IoT's registry needs; a function in the cloud has no more. */
export type IotAccess = Pick<Connection, 'iot'>;

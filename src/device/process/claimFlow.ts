import { iotidentity, mqtt } from 'aws-iot-device-sdk-v2';
import { CmsError, isCmsError, messageOf } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { patiently } from '../../core/patience.ts';
import { exponential, retry, type RetryPolicy, type Retrying } from '../../core/retry.ts';
import { keepPrivateKey, keepSecret } from '../../core/secrets.ts';
import type { Broker, DeviceIdentity } from '../../protocol/device.ts';
import { bounded } from './bounded.ts';
import {
  answerIncomplete,
  claimRejected,
  claimTimedOut,
  subscribeRefused,
  type ClaimStep,
} from './claimFailure.ts';
import { connectMqtt } from './mqttConnection.ts';

export interface ClaimFlowRequest {
  broker: Broker;
  claim: DeviceIdentity;
  clientId: string;
  templateName: string;
  parameters: Record<string, string>;
  csrPem?: string | undefined;
  /** Timeout of each single wait. */
  timeoutMs: number;
}

export interface Issued {
  certificateId: string;
  certificatePem: string;
  privateKeyPem: string | undefined;
}

export interface ClaimFlowPorts {
  progress: (step: ClaimStep, message: Message, level?: 'info') => void;
  /** Resolves when the certificate has been saved. Only then the ownership token is used. */
  save: (issued: Issued) => Promise<void>;
}

interface Created {
  certificateId?: string;
  certificatePem?: string;
  privateKey?: string;
  certificateOwnershipToken?: string;
}

/** Half a minute in all. The ownership token is good for an hour. */
const THROTTLED: RetryPolicy = { attempts: 6, backoff: exponential(1000, 16_000) };

const CREATE_TOPIC = '$aws/certificates/create/json';
const CSR_TOPIC = '$aws/certificates/create-from-csr/json';

/** The device's side of fleet provisioning by claim. Source: AWS IoT "Device provisioning MQTT API". */
export async function claimFlow(
  request: ClaimFlowRequest,
  ports: ClaimFlowPorts,
  work: Retrying,
): Promise<{ thingName: string; certificateId: string }> {
  const { timeoutMs, templateName, csrPem, broker } = request;
  const { signal } = work;
  const awaited = { host: `${broker.host}:${broker.port}` };
  const createTopic = csrPem === undefined ? CREATE_TOPIC : CSR_TOPIC;
  const registerTopic = `$aws/provisioning-templates/${templateName}/provision/json`;

  ports.progress('connect', l10n.t('Connecting to {host} with the claim certificate', { host: broker.host }));
  const opening = {
    broker,
    identity: request.claim,
    clientId: request.clientId,
    timeoutMs,
    what: l10n.t('claim certificate'),
  };
  const connection = await patiently(awaited, () => connectMqtt(opening, signal));
  try {
    const bounds = { timeoutMs, signal, lost: connection.lost };
    const wait = <T>(step: ClaimStep, topic: string, promise: Promise<T>) =>
      at(
        step,
        topic,
        bounded(promise, bounds, () => claimTimedOut(step, topic, timeoutMs)),
      );
    /** Asks, and asks again as long as AWS IoT has had enough. */
    const ask = <T>(answer: Answer<T>, publish: () => Promise<unknown>): Promise<T> => {
      const { step, topic } = answer;
      return retry(
        work,
        THROTTLED,
        (number) => {
          const coming = answer.next();
          return patiently({ ...awaited, attempt: { number, of: THROTTLED.attempts } }, async () => {
            await wait(step, topic, publish());
            return wait(step, topic, coming);
          });
        },
        (error, failures) => {
          if (!isCmsError(error) || error.code !== 'AWS_THROTTLED') return false;
          const values = { attempt: failures + 1, attempts: THROTTLED.attempts };
          ports.progress(
            step,
            l10n.t('AWS IoT is throttling requests; trying again (attempt {attempt} of {attempts})', values),
            'info',
          );
          return true;
        },
      );
    };
    const client = new iotidentity.IotIdentityClient(connection.client);

    // Subscribe to all answers of both calls before the first request, because answers are sent only once.
    ports.progress('subscribe', l10n.t('Subscribing to the answers'));
    const created = new Answer<Created>('create-certificate', createTopic, request);
    const registered = new Answer<{ thingName?: string }>('register-thing', registerTopic, request);
    await wait('subscribe', createTopic, subscribeToCreate(client, csrPem, created));
    await wait('subscribe', registerTopic, subscribeToRegister(client, templateName, registered));

    ports.progress(
      'create-certificate',
      csrPem === undefined
        ? l10n.t('Asking for keys and a certificate')
        : l10n.t('Sending the signing request'),
    );
    const answer = await ask(created, () =>
      csrPem === undefined
        ? client.publishCreateKeysAndCertificate({}, mqtt.QoS.AtLeastOnce)
        : client.publishCreateCertificateFromCsr({ certificateSigningRequest: csrPem }, mqtt.QoS.AtLeastOnce),
    );
    const { certificateId, certificatePem, privateKey, certificateOwnershipToken: token } = answer;
    keepSecret(token);
    keepPrivateKey(privateKey);
    if (certificateId === undefined || certificatePem === undefined || token === undefined) {
      throw answerIncomplete('create-certificate', createTopic);
    }
    if (csrPem === undefined && privateKey === undefined)
      throw answerIncomplete('create-certificate', createTopic);

    ports.progress(
      'save-certificate',
      l10n.t('Saving certificate {id}…', { id: certificateId.slice(0, 12) }),
    );
    const issued = {
      certificateId,
      certificatePem,
      privateKeyPem: csrPem === undefined ? privateKey : undefined,
    };
    await wait('save-certificate', createTopic, ports.save(issued));

    ports.progress(
      'register-thing',
      l10n.t('Registering with template {template}', { template: templateName }),
    );
    registered.secret = token;
    const { thingName } = await ask(registered, () =>
      client.publishRegisterThing(
        { templateName, certificateOwnershipToken: token, parameters: request.parameters },
        mqtt.QoS.AtLeastOnce,
      ),
    );
    if (thingName === undefined) throw answerIncomplete('register-thing', registerTopic);
    return { thingName, certificateId };
  } finally {
    await connection.close();
  }
}

/** The answers to a call: for each time it is asked the first one, accepted or rejected. Others are ignored. */
class Answer<T> {
  readonly step: ClaimStep;
  readonly topic: string;
  readonly accepted: (error: iotidentity.IotIdentityError | undefined, response?: T) => void;
  readonly rejected: (
    error: iotidentity.IotIdentityError | undefined,
    response?: iotidentity.model.ErrorResponse,
  ) => void;
  /** Removed from AWS's messages, in case they repeat it. */
  secret: string | undefined;
  #accept: (value: T) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(
    step: ClaimStep,
    topic: string,
    { templateName, parameters }: Pick<ClaimFlowRequest, 'templateName' | 'parameters'>,
  ) {
    this.step = step;
    this.topic = topic;
    this.accepted = (error, response) => {
      if (error !== undefined || response === undefined) this.#reject(answerIncomplete(step, topic));
      else this.#accept(response);
    };
    this.rejected = (_error, response) =>
      this.#reject(
        claimRejected({
          ...{ step, topic, templateName, parameters: Object.keys(parameters) },
          ...{ answer: response ?? {}, secret: this.secret },
        }),
      );
  }

  /** The next answer that comes. Called before it is asked for. */
  next(): Promise<T> {
    const promise = new Promise<T>((resolve, reject) => {
      this.#accept = resolve;
      this.#reject = reject;
    });
    promise.catch(() => undefined);
    return promise;
  }
}

async function subscribeToCreate(
  client: iotidentity.IotIdentityClient,
  csrPem: string | undefined,
  answer: Answer<Created>,
): Promise<void> {
  const qos = mqtt.QoS.AtLeastOnce;
  if (csrPem === undefined) {
    checkGranted(await client.subscribeToCreateKeysAndCertificateAccepted({}, qos, answer.accepted));
    checkGranted(await client.subscribeToCreateKeysAndCertificateRejected({}, qos, answer.rejected));
  } else {
    checkGranted(await client.subscribeToCreateCertificateFromCsrAccepted({}, qos, answer.accepted));
    checkGranted(await client.subscribeToCreateCertificateFromCsrRejected({}, qos, answer.rejected));
  }
}

async function subscribeToRegister(
  client: iotidentity.IotIdentityClient,
  templateName: string,
  answer: Answer<{ thingName?: string }>,
): Promise<void> {
  const qos = mqtt.QoS.AtLeastOnce;
  checkGranted(await client.subscribeToRegisterThingAccepted({ templateName }, qos, answer.accepted));
  checkGranted(await client.subscribeToRegisterThingRejected({ templateName }, qos, answer.rejected));
}

/** In MQTT 3.1.1, 0x80 means that a subscription was refused. The library returns that value as the QoS. */
function checkGranted(subscription: mqtt.MqttSubscribeRequest): void {
  if (subscription.qos > mqtt.QoS.ExactlyOnce) throw subscribeRefused(subscription.topic);
}

/** Adds step and topic to the error of a wait. Errors from the MQTT library itself mean a broken connection. */
async function at<T>(step: ClaimStep, topic: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (isCmsError(error) && (error.step !== undefined || error.code === 'CANCELLED')) throw error;
    const cause = isCmsError(error)
      ? error
      : new CmsError('MQTT_CONNECTION_LOST', l10n.verbatim(messageOf(error)), {
          remedy: l10n.t('Check the network and run it again.'),
        });
    throw new CmsError(
      cause.code,
      l10n.t('At {step} ({topic}): {problem}', { step, topic, problem: cause.sentence }),
      { step, remedy: cause.remedy, details: { ...cause.details, topic }, cause: error },
    );
  }
}

import * as vscode from 'vscode';
import type { Provisioner } from '../../cms/contract/provisioner.ts';
import { arnIn, isOf, usablePair, type Whose } from '../../provisioning/stored.ts';
import { endWords } from '../base/expiry.ts';
import { FactNode } from '../base/factNode.ts';
import { sayError } from '../base/say.ts';
import { Node, row } from '../base/node.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { KnownVehicle, StackRef } from '../base/stackRef.ts';
import type { Connections } from '../connections/connections.ts';
import { CasNode } from './caNodes.ts';
import type { CertificateFolders } from './certificateFolders.ts';

/** What the rows are read from. */
export interface ProvisioningSources {
  backend: LoadBackend<'createCloudIdentities' | 'findCas' | 'lookAtFunction'>;
  connections: Pick<Connections, 'open'>;
  certificates: Pick<CertificateFolders, 'peek'>;
}

/** What just-in-time registration needs in the account, and the certificates in this workspace. */
export class ProvisioningNode extends Node {
  readonly id: string;
  readonly #sources: ProvisioningSources;
  readonly #ref: StackRef;
  readonly #provisioner: Provisioner;
  readonly #deployment: Whose;

  constructor(
    sources: ProvisioningSources,
    parent: Node,
    ref: StackRef,
    { provisioner, deployment }: { provisioner: Provisioner; deployment: Whose },
  ) {
    super(parent);
    this.#sources = sources;
    this.#ref = ref;
    this.#provisioner = provisioner;
    this.#deployment = deployment;
    this.id = `${parent.id}/provisioning`;
  }

  override item(): vscode.TreeItem {
    return row(this, vscode.l10n.t('Provisioning'), {
      icon: new vscode.ThemeIcon('shield'),
      contextValue: 'provisioning',
      expand: 'collapsed',
    });
  }

  override async load(signal: AbortSignal): Promise<Node[]> {
    const certificates = new WorkspaceCertificatesNode(this.#sources, this, this.#ref, this.#deployment);
    const provisioner = this.#provisioner;
    const cas = provisioner.ownCa === undefined ? [] : [new CasNode(this.#sources, this, this.#ref)];
    if (provisioner.kind !== 'claim') return [...cas, certificates];
    const { createCloudIdentities } = this.#sources.backend();
    const cloud = createCloudIdentities(await this.#sources.connections.open(this.#ref.connectionId));
    const { templateName: name } = provisioner;
    const policyName = provisioner.claimPolicyNameOf(name);
    const [template, policy] = await Promise.all([
      cloud.template(name, signal),
      cloud.policy(policyName, signal),
    ]);
    const absent = {
      words:
        provisioner.setup === undefined
          ? vscode.l10n.t('missing: it comes with the stacks of the CMS')
          : vscode.l10n.t('not there yet: the first onboarding creates it'),
      icon: 'circle-outline',
    };
    const role = template?.roleArn?.split('/').at(-1);
    return [
      new FactNode(this, {
        key: 'template',
        label: vscode.l10n.t('Provisioning template'),
        ...(template === undefined
          ? absent
          : template.enabled
            ? { words: `${name} · ${vscode.l10n.t('enabled')}`, icon: 'file-code' }
            : { words: `${name} · ${vscode.l10n.t('disabled')}`, icon: 'circle-slash' }),
      }),
      new FactNode(this, {
        key: 'policy',
        label: vscode.l10n.t('Claim policy'),
        ...(policy === undefined ? absent : { words: policyName, icon: 'law' }),
      }),
      new FactNode(this, {
        key: 'role',
        label: vscode.l10n.t('Provisioning role'),
        ...(role === undefined ? absent : { words: role, icon: 'account', arn: template?.roleArn }),
      }),
      ...cas,
      certificates,
    ];
  }
}

/** The vehicles of a deployment whose production pair is in the workspace. */
class WorkspaceCertificatesNode extends Node {
  readonly id: string;
  readonly #sources: ProvisioningSources;
  readonly #ref: StackRef;
  readonly #deployment: Whose;

  constructor(sources: ProvisioningSources, parent: Node, ref: StackRef, deployment: Whose) {
    super(parent);
    this.#sources = sources;
    this.#ref = ref;
    this.#deployment = deployment;
    this.id = `${parent.id}/certificates`;
  }

  override item(): vscode.TreeItem {
    return row(this, vscode.l10n.t('Certificates in the workspace'), {
      icon: new vscode.ThemeIcon('key'),
      expand: 'collapsed',
    });
  }

  override async load(): Promise<Node[]> {
    const store = this.#sources.certificates.peek();
    const vehicles: KnownVehicle[] = [];
    for (const id of (await store?.ids()) ?? []) {
      const facts = await store?.facts(id);
      if (facts === undefined || isOf(facts, this.#deployment)) vehicles.push({ vin: facts?.vin ?? id, id });
    }
    if (store === undefined || vehicles.length === 0) {
      return [new FactNode(this, { key: 'none', label: vscode.l10n.t('None yet'), words: '', icon: 'info' })];
    }
    return Promise.all(
      vehicles.map(async ({ vin, id }) => {
        const vehicle = { ref: this.#ref, vin, id };
        try {
          const pair = usablePair(await store.production(id));
          const { words, isWarning } = endWords(pair?.notAfter);
          return new FactNode(this, {
            key: id,
            label: vin,
            words: pair === undefined ? vscode.l10n.t('no production certificate') : words.join(' · '),
            icon: pair === undefined ? 'circle-outline' : isWarning ? 'warning' : 'key',
            isWarning,
            vehicle,
            arn: pair?.facts && arnIn(pair.facts, this.#deployment),
          });
        } catch (error) {
          return new FactNode(this, {
            key: id,
            label: vin,
            words: sayError(error),
            icon: 'warning',
            vehicle,
          });
        }
      }),
    );
  }
}

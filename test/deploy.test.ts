/** What is in deploy/: the manifests are what Kubernetes takes, and all of it keeps to the rules that it states. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@tacit/daemon';
import { expect } from 'chai';
import { parse, parseAllDocuments } from 'yaml';
import { dockerfileComplaints } from './helpers/dockerfile.js';
import { complaints, type Manifest } from './helpers/kubernetes.js';
import { root } from './helpers/run-script.js';

const folder = join(root, 'deploy');
const textOf = (path: string): string => readFileSync(join(folder, path), 'utf8');

const manifests = readdirSync(join(folder, 'kubernetes'))
  .filter((file) => file !== 'kustomization.yaml')
  .flatMap((file) =>
    parseAllDocuments(textOf(`kubernetes/${file}`)).map((document) => ({
      file,
      manifest: document.toJS() as Manifest,
    })),
  );

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly { name: string; containerPort: number }[];
  readonly securityContext: {
    readonly readOnlyRootFilesystem: boolean;
    readonly allowPrivilegeEscalation: boolean;
    readonly capabilities: { readonly drop: readonly string[] };
  };
  readonly resources: { readonly requests: Record<string, string>; readonly limits: Record<string, string> };
  readonly volumeMounts: readonly { name: string; mountPath: string; readOnly?: boolean }[];
  readonly livenessProbe: { readonly httpGet: { path: string; port: string } };
  readonly readinessProbe: { readonly httpGet: { path: string; port: string } };
}

interface Workload {
  readonly replicas: number;
  readonly strategy?: { readonly type: string };
  readonly selector: { readonly matchLabels: Record<string, string> };
  readonly volumeClaimTemplates?: readonly { spec: { accessModes: readonly string[] } }[];
  readonly template: {
    readonly metadata: { readonly labels: Record<string, string> };
    readonly spec: {
      readonly terminationGracePeriodSeconds: number;
      readonly automountServiceAccountToken: boolean;
      readonly enableServiceLinks: boolean;
      readonly securityContext: {
        readonly runAsNonRoot: boolean;
        readonly runAsUser: number;
        readonly fsGroup: number;
        readonly fsGroupChangePolicy?: string;
        readonly seccompProfile: { readonly type: string };
      };
      readonly containers: readonly Container[];
      readonly volumes: readonly Record<string, unknown>[];
    };
  };
}

interface Config {
  readonly drain: string;
  readonly operate: { readonly host: string; readonly port: number };
  readonly relayServer?: { readonly listen: { readonly port: number } };
}

const ofKind = (...kinds: string[]) =>
  manifests.filter(({ manifest }) => kinds.includes(manifest.kind)).map(({ manifest }) => manifest);
const workloads = ofKind('Deployment', 'StatefulSet').map((manifest) => ({
  name: manifest.metadata.name,
  kind: manifest.kind,
  spec: manifest.spec as Workload,
}));
const configOf = (name: string): Config => {
  const map = ofKind('ConfigMap').find(({ metadata }) => metadata.name === name);
  if (!map) throw new Error(`there is no ConfigMap ${name}`);
  const { data } = map as { data?: Record<string, string> };
  return parse(data?.['config.yaml'] ?? '') as Config;
};
const podOf = ({ spec }: { spec: Workload }) => spec.template.spec;
const containerOf = (workload: { spec: Workload }): Container => {
  const [container] = podOf(workload).containers;
  if (!container) throw new Error('a pod without a container');
  return container;
};

describe('the manifests for Kubernetes', () => {
  it('are valid by the schemas of the API, without unknown fields', () => {
    expect(manifests.length).to.be.greaterThan(10);
    for (const { file, manifest } of manifests)
      expect(complaints(manifest), `${file}, ${manifest.kind} ${manifest.metadata.name}`).to.deep.equal([]);
  });

  it('are held to them: wrong types, unknown kinds and misspelt fields are found', () => {
    const broken = (change: (spec: Workload) => void): string[] => {
      const [manifest] = structuredClone(ofKind('StatefulSet'));
      if (!manifest) throw new Error('no StatefulSet');
      change(manifest.spec as Workload);
      return complaints(manifest);
    };
    expect(broken(() => {})).to.deep.equal([]);
    const port = broken((spec) =>
      Object.assign(spec.template.spec.containers[0]?.ports[0] ?? {}, { containerPort: '80' }),
    );
    expect(port.join()).to.include('containerPort must be integer');
    const deep = broken((spec) => Object.assign(spec.template.spec.securityContext, { runAsNonroot: true }));
    expect(deep).to.deep.equal(['unknown field /spec/template/spec/securityContext/runAsNonroot']);
    const within = broken((spec) =>
      Object.assign(spec.template.spec.containers[0] ?? {}, { securitycontext: {} }),
    );
    expect(within).to.deep.equal(['unknown field /spec/template/spec/containers/0/securitycontext']);
    const name = { metadata: { name: 'x' } };
    expect(complaints({ apiVersion: 'apps/v2', kind: 'Deployment', ...name })).to.have.length(1);
    expect(complaints({ apiVersion: 'v1', kind: 'ConfigMap', ...name, dta: {} })).to.deep.equal([
      'unknown field /dta',
    ]);
  });

  it('are all in the kustomization, and what it names is there', () => {
    const { resources, images } = parse(textOf('kubernetes/kustomization.yaml')) as {
      resources: string[];
      images: { name: string; newTag?: string }[];
    };
    expect([...resources].sort()).to.deep.equal([...new Set(manifests.map(({ file }) => file))].sort());
    for (const { newTag } of images) expect(newTag).to.match(/^\d/);
  });

  it('hold settings that are correct', () => {
    const maps = ofKind('ConfigMap').map(({ data }) => (data as Record<string, string>)['config.yaml'] ?? '');
    const files = readdirSync(join(folder, 'compose')).filter((file) => file.endsWith('.yaml'));
    const texts = [...maps, ...files.map((file) => textOf(`compose/${file}`))];
    expect(texts).to.have.length(7);
    for (const text of texts)
      expect(parseConfig(text, { home: '/var/lib/tacit', env: {} }).warnings).to.deep.equal([]);
  });

  it('run as a number that is not root, with nothing that the restricted profile forbids', () => {
    expect(workloads.map(({ name, kind }) => `${kind} ${name}`).sort()).to.deep.equal([
      'Deployment tacit-dealer',
      'Deployment tacit-relay',
      'StatefulSet tacit-party',
    ]);
    for (const workload of workloads) {
      const pod = podOf(workload);
      expect(pod.securityContext).to.deep.include({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(pod.securityContext.runAsUser).to.be.greaterThan(9999);
      expect(pod.automountServiceAccountToken).to.equal(false);
      expect(pod.enableServiceLinks).to.equal(false);
      expect(pod.containers).to.have.length(1);
      const { securityContext, resources } = containerOf(workload);
      expect(securityContext).to.deep.equal({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(resources.requests).to.have.all.keys('cpu', 'memory');
      expect(resources.limits).to.have.property('memory');
    }
  });

  it('name a version of their image', () => {
    for (const workload of workloads) expect(containerOf(workload).image).to.match(/:\d+\.\d+\.\d+$/);
  });

  it('give sessions more time to end than they are promised', () => {
    for (const workload of workloads) {
      const seconds = Number(/^(\d+)s$/.exec(configOf(workload.name).drain)?.[1]);
      expect(podOf(workload).terminationGracePeriodSeconds, workload.name).to.be.greaterThan(seconds + 10);
    }
  });

  it('open the ports that the configuration names, and probe them', () => {
    for (const workload of workloads) {
      const config = configOf(workload.name);
      const { ports, livenessProbe, readinessProbe, args } = containerOf(workload);
      const named = Object.fromEntries(ports.map(({ name, containerPort }) => [name, containerPort]));
      const relay = config.relayServer && { relay: config.relayServer.listen.port };
      expect(named).to.deep.equal({ operate: config.operate.port, ...relay });
      expect(config.operate.host).to.equal('0.0.0.0');
      expect(livenessProbe.httpGet).to.deep.equal({ path: '/livez', port: 'operate' });
      expect(readinessProbe.httpGet).to.deep.equal({ path: '/readyz', port: 'operate' });
      expect(args).to.deep.equal([workload.name.replace('tacit-', '')]);
    }
  });

  it('reach, by services, budgets and policies, the pods that they mean', () => {
    for (const { name, spec } of workloads) {
      expect(spec.template.metadata.labels).to.deep.include(spec.selector.matchLabels);
      const about = manifests
        .filter(({ manifest }) => manifest.metadata.name === name)
        .map(({ manifest }) => manifest);
      for (const { kind, spec: other } of about as unknown as {
        kind: string;
        spec: Record<string, unknown>;
      }[]) {
        const { selector, podSelector } = (other ?? {}) as Record<string, { matchLabels?: unknown }>;
        if (kind === 'Service') expect(selector).to.deep.equal(spec.selector.matchLabels);
        if (kind === 'PodDisruptionBudget')
          expect(selector?.matchLabels).to.deep.equal(spec.selector.matchLabels);
        if (kind === 'NetworkPolicy')
          expect(podSelector?.matchLabels).to.deep.equal(spec.selector.matchLabels);
      }
      expect(about.map(({ kind }) => kind)).to.include.members([
        'NetworkPolicy',
        'PodDisruptionBudget',
        'ConfigMap',
      ]);
    }
  });

  it('let parties and the dealer dial port 443 and ask for names, and nothing else', () => {
    const policies = ofKind('NetworkPolicy');
    for (const name of ['tacit-party', 'tacit-dealer']) {
      const policy = policies.find(({ metadata }) => metadata.name === name)?.spec as {
        policyTypes: string[];
        egress: { ports: { port: number }[]; to?: unknown[] }[];
        ingress: { ports: { port: number }[]; from?: unknown[] }[];
      };
      expect(policy.policyTypes).to.have.members(['Ingress', 'Egress']);
      const open = policy.egress.filter(({ to }) => to === undefined).flatMap(({ ports }) => ports);
      expect(open.map(({ port }) => port)).to.deep.equal([443]);
      const inside = policy.egress.filter(({ to }) => to !== undefined).flatMap(({ ports }) => ports);
      expect(new Set(inside.map(({ port }) => port))).to.deep.equal(new Set([53]));
      expect(policy.ingress.every(({ from }) => from !== undefined)).to.equal(true);
    }
    const relay = policies.find(({ metadata }) => metadata.name === 'tacit-relay')?.spec as {
      egress: unknown[];
    };
    expect(relay.egress).to.deep.equal([]);
    const all = policies.find(({ metadata }) => metadata.name === 'nothing-by-default')?.spec;
    expect(all).to.deep.equal({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it('mount a home once, and nothing else to write to', () => {
    for (const workload of workloads) {
      const { volumeMounts } = containerOf(workload);
      const writable = volumeMounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath);
      expect(writable).to.deep.equal(['/var/lib/tacit']);
      expect(workload.spec.replicas).to.equal(1);
      if (workload.kind === 'Deployment') expect(workload.spec.strategy).to.deep.equal({ type: 'Recreate' });
      if (workload.name !== 'tacit-relay')
        expect(podOf(workload).securityContext.fsGroupChangePolicy).to.equal('OnRootMismatch');
    }
    const claims = [
      ...ofKind('PersistentVolumeClaim').map(({ spec }) => spec as { accessModes: string[] }),
      ...workloads.flatMap(({ spec }) => (spec.volumeClaimTemplates ?? []).map((claim) => claim.spec)),
    ];
    expect(claims).to.have.length(2);
    for (const { accessModes } of claims) expect(accessModes).to.deep.equal(['ReadWriteOnce']);
  });
});

describe('the Indexed Job of a batch', () => {
  const documents = parseAllDocuments(textOf('batch/job.yaml')).map(
    (document) => document.toJS() as Manifest,
  );
  const job = documents.find(({ kind }) => kind === 'Job');
  const spec = job?.spec as Pick<Workload, 'template'> & Record<string, unknown>;
  const pod = spec.template.spec as Workload['template']['spec'] & {
    readonly restartPolicy: string;
    readonly containers: readonly (Container & { readonly env: readonly { name: string }[] })[];
  };

  it('is valid by the schemas of the API, without unknown fields', () => {
    expect(documents.map(({ kind }) => kind)).to.deep.equal([
      'Job',
      'PersistentVolumeClaim',
      'NetworkPolicy',
    ]);
    for (const manifest of documents) expect(complaints(manifest), manifest.kind).to.deep.equal([]);
    const misspelt = structuredClone(job as Manifest);
    Object.assign(misspelt.spec as object, { backoffLimitPerIndx: 1 });
    expect(complaints(misspelt)).to.deep.equal(['unknown field /spec/backoffLimitPerIndx']);
  });

  it('has a shard for each index, tries again what may succeed and fails what cannot', () => {
    expect(spec).to.include({ completionMode: 'Indexed' });
    expect(spec.maxFailedIndexes).to.equal(spec.completions);
    expect(pod.restartPolicy).to.equal('Never');
    const { rules } = spec.podFailurePolicy as {
      rules: { action: string; onExitCodes?: { values: number[] } }[];
    };
    // The exit codes of tacit batch shard that no other pod would change; 75 is not among them.
    expect(rules.find(({ action }) => action === 'FailIndex')?.onExitCodes?.values).to.deep.equal([2, 65]);
    const [container] = pod.containers;
    expect(container?.args.slice(0, 2)).to.deep.equal(['batch', 'shard']);
    for (const [, name] of container?.args.join(' ').matchAll(/\$\((\w+)\)/g) ?? [])
      expect(container?.env.map((one) => one.name)).to.include(name);
  });

  it('runs as the others do, and as one that nobody dials', () => {
    expect(pod.securityContext).to.include({ runAsNonRoot: true, runAsUser: 10001 });
    expect(pod.automountServiceAccountToken).to.equal(false);
    const [container] = pod.containers;
    expect(container?.securityContext).to.deep.equal({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container?.image).to.match(/:\d+\.\d+\.\d+$/);
    const policy = documents.find(({ kind }) => kind === 'NetworkPolicy')?.spec as {
      podSelector: { matchLabels: unknown };
      ingress: unknown[];
    };
    expect(policy.podSelector.matchLabels).to.deep.equal(spec.template.metadata.labels);
    expect(policy.ingress).to.deep.equal([]);
  });
});

describe('the compose file', () => {
  interface Service {
    readonly image: string;
    readonly user: string;
    readonly read_only: boolean;
    readonly init: boolean;
    readonly cap_drop: readonly string[];
    readonly security_opt: readonly string[];
    readonly stop_grace_period: string;
    readonly networks: readonly string[];
    readonly ports?: unknown;
    readonly volumes: readonly string[];
    readonly privileged?: boolean;
  }
  const { services, networks, volumes } = parse(textOf('compose.yaml'), { merge: true }) as {
    services: Record<string, Service>;
    networks: Record<string, unknown>;
    volumes: Record<string, unknown>;
  };
  const members = Object.entries(services).filter(([name]) => name !== 'relay');

  it('starts two parties, a dealer and a relay, which alone shares a network with others', () => {
    expect(Object.keys(services).sort()).to.deep.equal(['alice', 'bob', 'carol', 'relay']);
    for (const [name, { networks: own }] of members) expect(own).to.deep.equal([name]);
    expect(services.relay?.networks).to.have.members(Object.keys(networks));
    expect(services.relay?.volumes.some((volume) => volume in volumes)).to.equal(false);
  });

  it('runs them without root, on a read-only root file system, with an init and time to drain', () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service, name).to.include({ read_only: true, init: true, user: '10001:10001' });
      expect(service.image).to.match(/:\d+\.\d+\.\d+$/);
      expect(service.cap_drop).to.deep.equal(['ALL']);
      expect(service.security_opt).to.deep.equal(['no-new-privileges:true']);
      expect(service.ports ?? service.privileged, name).to.equal(undefined);
      const { drain } = parse(textOf(`compose/${name}.yaml`)) as Config;
      expect(parseInt(service.stop_grace_period, 10)).to.be.greaterThan(parseInt(drain, 10) + 10);
    }
  });

  it('mounts files that are there, read-only, and a home for each member', () => {
    for (const [name, service] of Object.entries(services))
      for (const volume of service.volumes) {
        const [from = '', to, mode] = volume.split(':');
        if (from.startsWith('.')) {
          expect(mode, volume).to.equal('ro');
          expect(() => readdirOrRead(from), volume).not.to.throw();
        } else expect([from, to]).to.deep.equal([name, '/var/lib/tacit']);
      }
  });

  const readdirOrRead = (path: string) =>
    path.endsWith('.yaml') ? textOf(path) : readdirSync(join(folder, path));
});

describe('the Dockerfile', () => {
  const text = textOf('Dockerfile');

  it('keeps to the rules', () => {
    expect(dockerfileComplaints(text)).to.deep.equal([]);
  });

  it('is held to them', () => {
    const spoiled: readonly (readonly [string, string, string])[] = [
      ['node:24-bookworm-slim', 'node:latest', 'names no version'],
      ['node:24-bookworm-slim', 'node', 'names no version'],
      ['USER 10001:10001', 'USER node', 'write numbers'],
      ['USER 10001:10001', 'USER 0:0', 'is root'],
      ['USER 10001:10001', '', 'write numbers'],
      ['ENTRYPOINT ["node"', 'ENTRYPOINT ["npm"', 'not node itself'],
      ['CMD ["--help"]', 'CMD tacit --help', 'starts a shell'],
      ['RUN ["npm", "run", "build"]', 'RUN ["curl", "https://example"]', 'downloads'],
      ['RUN ["npm", "run", "build"]', 'RUN ["npm", "install", "x"]', 'lock file'],
      ['COPY . .', 'ADD . .', 'ADD'],
      ['ENV NODE_ENV', 'ENV API_TOKEN=1 NODE_ENV', 'secrets'],
      ['VOLUME ["/var/lib/tacit"]', '', 'volume'],
      ['LABEL', 'ENV', 'label'],
      ['HEALTHCHECK --interval', 'LABEL --interval', 'HEALTHCHECK'],
    ];
    for (const [from, to, expected] of spoiled)
      expect(dockerfileComplaints(text.replace(from, to)).join(), from).to.include(expected);
  });

  it('has one stage in which nothing is built, as its own user, with the health check of the image', () => {
    const last = text.slice(text.lastIndexOf('\nFROM '));
    expect(last).not.to.match(/^RUN/m);
    expect(last).to.include('/app/healthcheck.mjs');
    // The same user everywhere, as volumes belong to it.
    for (const { spec } of workloads) expect(spec.template.spec.securityContext.runAsUser).to.equal(10001);
  });

  it('builds from what .dockerignore names, which is no key and no history', () => {
    const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))[0]).to.equal('*');
    expect(lines).to.include.members(['**/node_modules', '**/dist', '**/*.pem', '**/*.key']);
  });
});

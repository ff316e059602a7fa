/** Checks manifests of Kubernetes by the schemas of its API, offline, unknown fields included. */
import * as apps from 'kubernetes-models/apps/v1';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';

/** A manifest as YAML gave it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  readonly [field: string]: unknown;
}

interface Model {
  readonly apiVersion: string;
  readonly kind: string;
  readonly prototype: { validate(): void };
}

const MODELS = [apps, batch, networking, policy, core].flatMap((module) =>
  Object.values(module).filter(
    (value): value is typeof value & Model => 'kind' in value && 'apiVersion' in value,
  ),
) as readonly Model[];

/**
 * What the API would not take.
 * @param manifest one document
 * @returns sentences; none if it is valid
 */
export function complaints(manifest: Manifest): string[] {
  const { apiVersion, kind } = manifest;
  const model = MODELS.find((known) => known.kind === kind && known.apiVersion === apiVersion);
  if (!model) return [`there is no ${kind} in ${apiVersion}`];
  const unread = new Map<string, Set<string>>();
  const watched = watch(manifest, '', unread);
  try {
    model.prototype.validate.call(watched);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  return [...unread].flatMap(([path, names]) => [...names].map((name) => `unknown field ${path}/${name}`));
}

/**
 * The schemas allow fields that they do not know. But a validator looks at every field that it knows, so what it never
 * looks at is unknown: misspelt, or in the wrong place.
 */
function watch(value: unknown, path: string, unread: Map<string, Set<string>>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, child]) => [
    name,
    watch(child, `${path}/${name}`, unread),
  ]);
  const copy = Array.isArray(value) ? entries.map(([, child]) => child) : Object.fromEntries(entries);
  const left = new Set(Object.keys(copy));
  unread.set(path, left);
  return new Proxy(copy, {
    get(target, name, receiver) {
      left.delete(String(name));
      return Reflect.get(target, name, receiver);
    },
  });
}

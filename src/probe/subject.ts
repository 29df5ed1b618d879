import type { KubeObject, ObjectReference } from "../events/event.ts";
import { referenceTo } from "../events/object-reference.ts";
import { ApiError } from "../kube/api-error.ts";
import type { Connection } from "../kube/connection.ts";
import { readObject } from "../kube/read-objects.ts";
import { apiVersionOf, qualifiedName, type ResourceType } from "../kube/resource-type.ts";

/** An object that events are written about, by its name: it may go, and come back as another one. */
export interface Subject {
  /** `ingresses.networking.k8s.io "ui"`. */
  readonly shown: string;
  readonly type: ResourceType;
  /** Of cluster-scoped ones undefined. */
  readonly namespace: string | undefined;
  readonly name: string;
  /** Whether it was there when it was looked for last. */
  readonly isThere: boolean;
  /** uid by which events name the one that was seen last: of a static pod that of its manifest. */
  readonly uid: string | undefined;
  /**
   * The object as it is now. RBAC: get on it.
   *
   * @throws ApiError, of kind `not-found` where there is none; UnreachableError
   */
  read(signal: AbortSignal): Promise<ObjectReference>;
  /** Who sees it otherwise, such as by a watch, says so. */
  saw(object: KubeObject | undefined): void;
}

export interface SubjectOptions {
  readonly type: ResourceType;
  /** As it was found; when it was not, its name and namespace. */
  readonly object: KubeObject;
  readonly isThere: boolean;
  /** Told when it is not there any more. */
  onGone(subject: Subject): void;
  /** Told when there is one again; `isNew`: with another uid. */
  onBack(subject: Subject, isNew: boolean): void;
}

/** `ingresses.networking.k8s.io "ui"`. */
export function shownObject(type: ResourceType, name = ""): string {
  return `${qualifiedName(type)} ${JSON.stringify(name)}`;
}

export function createSubject(connection: Connection, options: SubjectOptions): Subject {
  const { type, object, onGone, onBack } = options;
  const { name = "", namespace } = object.metadata;
  const about = { apiVersion: apiVersionOf(type), kind: type.kind, namespaced: type.namespaced };
  let { uid } = referenceTo(about, object);
  let { isThere } = options;

  const subject: Subject = {
    shown: shownObject(type, name),
    ...{ type, name },
    namespace: type.namespaced ? namespace : undefined,
    get isThere() {
      return isThere;
    },
    get uid() {
      return uid;
    },
    read: async (signal) => {
      try {
        const found = await readObject(connection, { type, namespace, extent: "metadata", signal }, name);
        subject.saw(found);
        return referenceTo(about, found);
      } catch (error) {
        if (error instanceof ApiError && error.httpStatus === 404) subject.saw(undefined);
        throw error;
      }
    },
    saw: (found) => {
      const was = { isThere, uid };
      isThere = found !== undefined;
      if (!found) {
        if (was.isThere) onGone(subject);
        return;
      }
      uid = referenceTo(about, found).uid;
      if (!was.isThere || was.uid !== uid) onBack(subject, was.uid !== uid);
    },
  };
  return subject;
}

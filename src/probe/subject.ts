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
  /** uid of the one that was seen last. */
  readonly uid: string | undefined;
  /**
   * The object as it is now. RBAC: get on it.
   *
   * @throws ApiError, of kind `not-found` where there is none; UnreachableError
   */
  read(signal: AbortSignal): Promise<SeenObject>;
  /** Who sees it otherwise, such as by a watch, says so. */
  saw(object: KubeObject | undefined): void;
}

export interface SeenObject {
  readonly reference: ObjectReference;
  /** Its own, which for a static pod is not the reference's. */
  readonly uid: string | undefined;
}

export interface SubjectOptions {
  readonly type: ResourceType;
  /** As it was found. */
  readonly object: KubeObject;
  /** Told when it is not there any more. */
  onGone(subject: Subject): void;
  /** Told when there is one again; `isNew`: with another uid. */
  onBack(subject: Subject, isNew: boolean): void;
}

export function createSubject(connection: Connection, { type, object, onGone, onBack }: SubjectOptions): Subject {
  const { name = "", namespace } = object.metadata;
  let uid = object.metadata.uid;
  let isThere = true;

  const subject: Subject = {
    shown: `${qualifiedName(type)} ${JSON.stringify(name)}`,
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
        const about = { apiVersion: apiVersionOf(type), kind: type.kind, namespaced: type.namespaced };
        return { reference: referenceTo(about, found), uid: found.metadata.uid };
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
      uid = found.metadata.uid;
      if (!was.isThere || was.uid !== uid) onBack(subject, was.uid !== uid);
    },
  };
  return subject;
}

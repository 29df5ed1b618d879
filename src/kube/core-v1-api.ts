import type { CoreV1Api } from "@kubernetes/client-node";

/**
 * The methods of client-node's CoreV1Api that kev calls. The build leaves the other 600 out of the CLI's bundle, so a
 * method must be named here before it can be called: the type below holds that.
 */
export const coreV1Methods = ["createNamespacedEventWithHttpInfo"] as const;

/** As much of client-node's typed core/v1 API as kev uses. */
export type CoreV1Events = Pick<CoreV1Api, (typeof coreV1Methods)[number]>;

/** `text`: of an answer only its body is read, and its `data` is empty. Taking it apart takes as long as sending it. */
export type CoreV1Answers = "typed" | "text";

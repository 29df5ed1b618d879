import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { expect } from "@jest/globals";

/** A gate to ask. */
export interface AdmissionTarget {
  port: number;
  /** PEM: the authority that signed the gate's certificate. */
  ca: string;
}

/** What is sent to a gate. */
export interface Sent {
  path?: string;
  method?: string;
  contentType?: string;
  /** Written one after the other. */
  body?: (string | Buffer)[];
  /** False: the request does not end. */
  end?: boolean;
}

/** What came back. */
export interface Received {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  text: string;
  /** Serial number of the gate's certificate. */
  peer: string;
}

/** A request on a connection of its own. */
export interface Sending {
  readonly received: Promise<Received>;
  write(part: string): void;
  end(): void;
}

export function startSending({ port, ca }: AdmissionTarget, { end = true, ...sent }: Sent): Sending {
  const { path = "/", method = "POST", contentType = "application/json", body = [] } = sent;
  const headers = { "Content-Type": contentType };
  const options = { host: "localhost", port, path, method, headers, ca, agent: false } as const;
  const client = request(options);
  const received = new Promise<Received>((resolve, reject) => {
    client.on("error", reject).on("response", (response) => {
      let text = "";
      const socket = response.socket as unknown as { getPeerCertificate(): { serialNumber: string } };
      const peer = socket.getPeerCertificate().serialNumber;
      response.on("data", (part) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text, peer }));
      response.on("close", () => client.destroy());
    });
  });
  // Whoever does not wait for the answer need not hear of its failure.
  received.catch(() => undefined);
  for (const part of body) client.write(part);
  if (end) client.end();
  else client.flushHeaders();
  return { received, write: (part) => void client.write(part), end: () => void client.end() };
}

export function send(target: AdmissionTarget, sent: Sent): Promise<Received> {
  return startSending(target, sent).received;
}

/** An AdmissionReview of a new ReplicaSet of the Deployment `ui` in `prod`, its request otherwise changed. */
export function reviewText(changes: object = {}, version = "admission.k8s.io/v1"): string {
  return JSON.stringify({
    apiVersion: version,
    kind: "AdmissionReview",
    request: {
      uid: "r-1",
      operation: "CREATE",
      namespace: "prod",
      resource: { group: "apps", version: "v1", resource: "replicasets" },
      object: {
        metadata: {
          name: "ui-1",
          ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "ui", uid: "u-1", controller: true }],
        },
        spec: { template: { spec: { containers: [] } } },
      },
      ...changes,
    },
  });
}

/** What a gate says of `reviewText` where nobody has approved the release. */
export const denial = (apiVersion = "admission.k8s.io/v1"): object => ({
  apiVersion,
  kind: "AdmissionReview",
  response: {
    uid: "r-1",
    allowed: false,
    status: { status: "Failure", code: 403, reason: "Forbidden", message: "Your deployment must be approved" },
    auditAnnotations: { decision: "NotApproved", digest: expect.stringMatching(/^v1:sha256:[0-9a-f]{64}$/) },
  },
});

import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";

// The webhook of the talk, written out again in TypeScript, as what kev's gate is measured against: for each review it lists
// all events of the namespace and looks for an approval by reason and name. `node talk-webhook.ts PORT CERT KEY KUBECONFIG`.
const [port = "", certFile = "", keyFile = "", kubeconfigFile = ""] = process.argv.slice(2);

interface Review {
  request: { uid: string; namespace: string; object: { metadata: { ownerReferences?: Owner[] } } };
}

interface Owner {
  kind: string;
  name: string;
}

const kubeconfig = new KubeConfig();
kubeconfig.loadFromFile(kubeconfigFile);
const coreV1 = kubeconfig.makeApiClient(CoreV1Api);

async function isApproved(namespace: string, deployment: string): Promise<boolean> {
  const { items } = await coreV1.listNamespacedEvent({ namespace });
  return items.some(
    ({ involvedObject, reason }) =>
      involvedObject.name === deployment && involvedObject.kind === "Deployment" && reason === "Approval",
  );
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { uid, namespace, object } = (JSON.parse(Buffer.concat(chunks).toString()) as Review).request;
  const owner = object.metadata.ownerReferences?.find(({ kind }) => kind === "Deployment");
  const allowed = owner === undefined || (await isApproved(namespace, owner.name));
  const status = { code: 403, message: "Your deployment must be approved" };
  const answered = { uid, allowed, ...(!allowed && { status }) };
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: answered }));
}

createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (request, response) => {
  answer(request, response).catch((error: unknown) => response.destroy(error as Error));
}).listen(Number(port), "127.0.0.1", () => process.stdout.write("listening\n"));

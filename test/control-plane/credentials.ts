import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createCertificateAuthority,
  createServiceAccountKey,
  issueClientCertificate,
  issueServerCertificate,
} from "../support/certificates.ts";
import { certificateUser, writeKubeconfig } from "./cluster-access.ts";

/** The files in a control plane's folder that prove who is who; all mode 0600. */
export const credentialFiles = {
  authority: "ca.pem",
  authorityKey: "ca-key.pem",
  serverCertificate: "server.pem",
  serverKey: "server-key.pem",
  serviceAccountPublicKey: "service-account.pem",
  serviceAccountPrivateKey: "service-account-key.pem",
  adminKubeconfig: "admin.kubeconfig",
  controllerManagerKubeconfig: "controller-manager.kubeconfig",
} as const;

// 10.0.0.1 is the first address of the service range: the `kubernetes` Service.
const serverNames = ["localhost", "127.0.0.1", "kubernetes.default.svc", "10.0.0.1"] as const;

/** Makes all certificates, keys and kubeconfigs of one control plane. */
export async function writeCredentials(dir: string, server: string): Promise<void> {
  const authority = await createCertificateAuthority();
  const [serving, admin, controllerManager, serviceAccount] = await Promise.all([
    issueServerCertificate(authority, serverNames),
    issueClientCertificate(authority, { user: "admin", groups: ["system:masters"] }),
    issueClientCertificate(authority, { user: "system:kube-controller-manager" }),
    createServiceAccountKey(),
  ]);
  const files = credentialFiles;
  const write = (name: string, text: string): Promise<void> => writeFile(join(dir, name), text, { mode: 0o600 });
  await Promise.all([
    write(files.authority, authority.certificate),
    write(files.authorityKey, authority.key),
    write(files.serverCertificate, serving.certificate),
    write(files.serverKey, serving.key),
    write(files.serviceAccountPublicKey, serviceAccount.publicKey),
    write(files.serviceAccountPrivateKey, serviceAccount.privateKey),
  ]);
  const caFile = join(dir, files.authority);
  await Promise.all([
    writeKubeconfig(join(dir, files.adminKubeconfig), { server, caFile, user: certificateUser(admin) }),
    writeKubeconfig(join(dir, files.controllerManagerKubeconfig), {
      server,
      caFile,
      user: certificateUser(controllerManager),
    }),
  ]);
}

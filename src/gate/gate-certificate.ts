import type { KubeObject } from "../events/event.ts";
import { appLabels } from "../kube/install-parts.ts";

/** An Issuer or ClusterIssuer of cert-manager. */
export interface IssuerReference {
  kind: "Issuer" | "ClusterIssuer";
  name: string;
}

/** Where the certificate of a gate in the cluster comes from. */
export type GateCertificate =
  | {
      /** PEM: the authority that signed the certificate. */
      caBundle: string;
      /** PEM; undefined: the Secret is there already, or somebody else makes it. */
      pair?: { certificate: string; key: string } | undefined;
    }
  | {
      /** cert-manager makes it; `issuer` undefined: by an authority of its own. */
      certManager: { issuer?: IssuerReference | undefined };
    };

export interface CertificateOptions {
  certificate: GateCertificate;
  name: string;
  namespace: string;
  /** Of type kubernetes.io/tls. */
  secretName: string;
}

/** The name for which a Service's certificate must be. */
export function serviceHost({ name, namespace }: Pick<CertificateOptions, "name" | "namespace">): string {
  return `${name}.${namespace}.svc`;
}

/**
 * What brings the certificate into the Secret that the gate mounts.
 *
 * Source: https://cert-manager.io/docs/reference/api-docs/, https://cert-manager.io/docs/configuration/selfsigned/.
 */
export function certificateObjects({ certificate, name, namespace, secretName }: CertificateOptions): KubeObject[] {
  const labels = appLabels(name);
  if (!("certManager" in certificate)) {
    const { pair } = certificate;
    if (!pair) return [];
    const data = { "tls.crt": base64(pair.certificate), "tls.key": base64(pair.key) };
    const metadata = { name: secretName, namespace, labels };
    return [{ apiVersion: "v1", kind: "Secret", metadata, type: "kubernetes.io/tls", data }];
  }
  const certManager = (kind: string, objectName: string, spec: object): KubeObject => ({
    apiVersion: "cert-manager.io/v1",
    kind,
    metadata: { name: objectName, namespace, labels },
    spec,
  });
  const issuer: IssuerReference = certificate.certManager.issuer ?? { kind: "Issuer", name };
  const privateKey = { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" };
  const leaf = certManager("Certificate", name, {
    secretName,
    dnsNames: [serviceHost({ name, namespace })],
    usages: ["digital signature", "server auth"],
    privateKey,
    issuerRef: { group: "cert-manager.io", ...issuer },
  });
  if (certificate.certManager.issuer) return [leaf];
  // An authority in between: the webhook's caBundle stays the same when the gate's own certificate is renewed.
  const authority = `${name}-ca`;
  return [
    certManager("Issuer", authority, { selfSigned: {} }),
    certManager("Certificate", authority, {
      isCA: true,
      commonName: authority,
      secretName: authority,
      duration: "87600h0m0s",
      privateKey: { ...privateKey, rotationPolicy: "Never" },
      issuerRef: { group: "cert-manager.io", kind: "Issuer", name: authority },
    }),
    certManager("Issuer", name, { ca: { secretName: authority } }),
    leaf,
  ];
}

/** The annotation by which cert-manager writes its authority into a webhook's caBundle. */
export function injectedAuthority({ name, namespace }: Pick<CertificateOptions, "name" | "namespace">) {
  return { "cert-manager.io/inject-ca-from": `${namespace}/${name}` };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

// What a server answers on /api and /apis, cut down by hand from a real one's (Kubernetes 1.36).

const list = { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {} };

function resource(kind: string, plural: string, scope: "Namespaced" | "Cluster", names: object = {}): object {
  const responseKind = { group: "", version: "", kind };
  return {
    resource: plural,
    responseKind,
    scope,
    singularResource: kind.toLowerCase(),
    ...names,
    verbs: ["get", "list"],
  };
}

export const aggregatedCore = {
  ...list,
  items: [
    {
      metadata: { creationTimestamp: null },
      versions: [
        {
          version: "v1",
          freshness: "Current",
          resources: [
            resource("Pod", "pods", "Namespaced", { shortNames: ["po"], categories: ["all"] }),
            resource("Node", "nodes", "Cluster", { shortNames: ["no"] }),
          ],
        },
      ],
    },
  ],
};

export const aggregatedGroups = {
  ...list,
  items: [
    {
      metadata: { name: "apps" },
      versions: [
        {
          version: "v1",
          freshness: "Current",
          resources: [
            resource("Deployment", "deployments", "Namespaced", { shortNames: ["deploy"], categories: ["all"] }),
          ],
        },
      ],
    },
    {
      metadata: { name: "autoscaling" },
      versions: ["v2", "v1"].map((version) => ({
        version,
        freshness: "Current",
        resources: [
          resource("HorizontalPodAutoscaler", "horizontalpodautoscalers", "Namespaced", { shortNames: ["hpa"] }),
        ],
      })),
    },
    {
      metadata: { name: "shop.example.com" },
      versions: [
        {
          version: "v2",
          freshness: "Current",
          resources: [
            resource("Widget", "widgets", "Namespaced", { shortNames: ["wd"], categories: ["all"] }),
            // Only there for its subresource, which has a kind of its own.
            { resource: "orders", scope: "Namespaced", singularResource: "", subresources: [{ subresource: "scale" }] },
          ],
        },
        { version: "v1beta1", freshness: "Current", resources: [resource("Widget", "widgets", "Namespaced")] },
      ],
    },
    { metadata: { name: "metrics.k8s.io" }, versions: [{ version: "v1beta1", freshness: "Stale", resources: [] }] },
  ],
};

/** A pod template with fields of every kind, and with values whose absence would mean something else. */
export const richTemplate = {
  metadata: {
    labels: { app: "rich", "app.kubernetes.io/part-of": "shop", empty: "" },
    annotations: { "example.com/note": "ä “quoted” \\ text\nin two lines", empty: "" },
  },
  spec: {
    automountServiceAccountToken: false,
    dnsConfig: {
      nameservers: ["10.0.0.10"],
      searches: ["shop.test"],
      options: [{ name: "ndots", value: "2" }, { name: "edns0" }],
    },
    dnsPolicy: "None",
    enableServiceLinks: false,
    hostAliases: [{ ip: "10.0.0.7", hostnames: ["db.shop.test", "db"] }],
    hostname: "rich",
    imagePullSecrets: [{ name: "registry" }],
    nodeSelector: { "kubernetes.io/os": "linux", "example.com/empty": "" },
    preemptionPolicy: "Never",
    readinessGates: [{ conditionType: "example.com/warm" }],
    schedulerName: "some-scheduler",
    securityContext: {
      fsGroup: 2000,
      fsGroupChangePolicy: "OnRootMismatch",
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: "Localhost", localhostProfile: "profiles/rich.json" },
      supplementalGroups: [3000, 4000],
      sysctls: [{ name: "net.core.somaxconn", value: "1024" }],
    },
    serviceAccountName: "rich",
    setHostnameAsFQDN: false,
    shareProcessNamespace: true,
    subdomain: "shop",
    terminationGracePeriodSeconds: 0,
    tolerations: [
      { operator: "Exists" },
      { key: "example.com/slow", operator: "Equal", value: "", effect: "NoExecute", tolerationSeconds: 0 },
    ],
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: {} },
      {
        maxSkew: 2,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["rich"] }] },
        matchLabelKeys: ["pod-template-hash"],
      },
    ],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "disk", operator: "Exists" }] },
            { matchFields: [{ key: "metadata.name", operator: "In", values: ["node-1"] }] },
          ],
        },
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, preference: { matchExpressions: [{ key: "cores", operator: "Gt", values: ["4"] }] } },
        ],
      },
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: "zone", labelSelector: { matchLabels: { app: "rich" } }, namespaceSelector: {} },
        ],
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 100, podAffinityTerm: { topologyKey: "zone", labelSelector: {}, namespaces: ["a", "b"] } },
        ],
      },
    },
    initContainers: [
      { name: "prepare", image: "busybox", command: ["sh", "-c", "true"], args: [] },
      { name: "sidecar", image: "proxy:1", restartPolicy: "Always", startupProbe: { exec: { command: ["true"] } } },
    ],
    containers: [
      {
        name: "rich",
        image: "registry.test:5000/shop/rich@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        command: ["/bin/rich"],
        args: ["", "rm", "--flag=a b", "$(POD_NAME)"],
        env: [
          { name: "EMPTY", value: "" },
          { name: "UNSET" },
          { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } } },
          { name: "KEY", valueFrom: { configMapKeyRef: { name: "settings", key: "k", optional: false } } },
          { name: "TOKEN", valueFrom: { secretKeyRef: { name: "secrets", key: "t", optional: true } } },
        ],
        envFrom: [
          { configMapRef: { name: "settings" } },
          { prefix: "S_", secretRef: { name: "secrets", optional: true } },
        ],
        imagePullPolicy: "Always",
        lifecycle: {
          postStart: { exec: { command: ["true"] } },
          preStop: { httpGet: { path: "/bye", port: "http", httpHeaders: [{ name: "X-A", value: "" }] } },
        },
        livenessProbe: { httpGet: { path: "/healthz", port: 8080, scheme: "HTTPS" }, initialDelaySeconds: 0 },
        readinessProbe: { grpc: { port: 9090, service: "" }, periodSeconds: 3, failureThreshold: 7 },
        startupProbe: { tcpSocket: { port: "http" }, terminationGracePeriodSeconds: 5 },
        ports: [
          { name: "http", containerPort: 8080 },
          { name: "dns", containerPort: 53, protocol: "UDP" },
        ],
        resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }],
        resources: {
          requests: { cpu: "0.10", memory: "1000Mi" },
          limits: { cpu: "1000m", memory: "1.5Gi", "example.com/widgets": "2" },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
          readOnlyRootFilesystem: true,
        },
        stdin: true,
        terminationMessagePolicy: "FallbackToLogsOnError",
        tty: true,
        volumeMounts: [
          { name: "empty", mountPath: "/empty" },
          { name: "settings", mountPath: "/settings", readOnly: true, subPath: "deep/er" },
          { name: "empty", mountPath: "/pod", subPathExpr: "$(POD_NAME)" },
        ],
        workingDir: "/",
      },
    ],
    volumes: [
      { name: "empty", emptyDir: {} },
      { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "0.5Gi" } },
      {
        name: "settings",
        configMap: { name: "settings", defaultMode: 0, items: [{ key: "k", path: "a/b", mode: 256 }], optional: true },
      },
      { name: "secrets", secret: { secretName: "secrets" } },
      { name: "claim", persistentVolumeClaim: { claimName: "data", readOnly: true } },
      { name: "host", hostPath: { path: "/var/log", type: "" } },
      { name: "nfs", nfs: { server: "nfs.test", path: "/" } },
      { name: "csi", csi: { driver: "csi.test", volumeAttributes: { a: "" } } },
      { name: "labels", downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
      {
        name: "projected",
        projected: {
          sources: [
            { serviceAccountToken: { path: "token", audience: "shop", expirationSeconds: 600 } },
            { secret: { name: "secrets" } },
            { configMap: { name: "settings", items: [] } },
          ],
        },
      },
      {
        name: "scratch",
        ephemeral: {
          volumeClaimTemplate: {
            metadata: { labels: { kind: "scratch" } },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
          },
        },
      },
    ],
  },
};

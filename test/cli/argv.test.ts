import { describe, expect, test } from "@jest/globals";
import { main } from "../../src/cli/main.ts";
import { fakeContext } from "../support/fake-context.ts";
import { parseArgv } from "../support/parse-argv.ts";
import { shellWords } from "../support/shell-words.ts";

describe("argv", () => {
  test.each<[line: string, command: string, options: unknown]>([
    ["emit approve ui-server", "emit", { what: "approve", objects: ["ui-server"] }],
    ["emit approve deploy/a sts/b", "emit", { what: "approve", objects: ["deploy/a", "sts/b"] }],
    ["emit approve a -qn prod", "emit", { what: "approve", objects: ["a"], quiet: true, namespace: "prod" }],
    ["emit approve a -qnprod", "emit", { what: "approve", objects: ["a"], quiet: true, namespace: "prod" }],
    ["emit approve -Rf d", "emit", { what: "approve", objects: [], recursive: true, filename: ["d"] }],
    ["emit approve -f deploy.yaml", "emit", { what: "approve", objects: [], filename: ["deploy.yaml"] }],
    [
      'emit Migrated sts/db -m "to version 42" --type Warning --component ci --instance runner-7 --action Migrate',
      "emit",
      {
        what: "Migrated",
        objects: ["sts/db"],
        message: "to version 42",
        type: "Warning",
        component: "ci",
        instance: "runner-7",
        action: "Migrate",
      },
    ],
    [
      "emit tested a --reason Checked --related svc/a --at 5m --key k --once --truncate --kind sts -c main",
      "emit",
      {
        what: "tested",
        objects: ["a"],
        reason: "Checked",
        related: "svc/a",
        at: "5m",
        key: "k",
        once: true,
        truncate: true,
        kind: "sts",
        container: "main",
      },
    ],
    [
      "emit tested pods -l app=ui,tier!=db -A -q --field-manager ci --retry-timeout 2m --show-managed-fields",
      "emit",
      {
        what: "tested",
        objects: ["pods"],
        selector: "app=ui,tier!=db",
        allNamespaces: true,
        quiet: true,
        fieldManager: "ci",
        retryTimeout: "2m",
        showManagedFields: true,
      },
    ],
    ["route", "route", {}],
    [
      "route -f r.yaml -n prod --state s.db --listen :9 --from-now --forget-sink a --forget-sink b --compat eventrouter",
      "route",
      {
        filename: "r.yaml",
        namespace: "prod",
        state: "s.db",
        listen: ":9",
        fromNow: true,
        forgetSink: ["a", "b"],
        compat: "eventrouter",
      },
    ],
    [
      "route --leader-elect --leader-elect-lease-duration 3s --event-ttl 3h --object-metrics -A",
      "route",
      { leaderElect: true, leaderElectLeaseDuration: "3s", eventTtl: "3h", objectMetrics: true, allNamespaces: true },
    ],
    ["track deploy cm,secrets", "track", { types: ["deploy", "cm,secrets"] }],
    [
      "track deploy -n prod -l app=ui --what created,deleted --only spec.replicas --only metadata.labels --ignore a --status",
      "track",
      {
        types: ["deploy"],
        namespace: "prod",
        selector: "app=ui",
        what: ["created,deleted"],
        only: ["spec.replicas", "metadata.labels"],
        ignore: ["a"],
        status: true,
      },
    ],
    [
      "track deploy -A --ignore-manager hpa --show-value data --debounce 5s --state none --listen :9 --component c --instance i -q",
      "track",
      {
        types: ["deploy"],
        allNamespaces: true,
        ignoreManager: ["hpa"],
        showValue: ["data"],
        debounce: "5s",
        state: "none",
        listen: ":9",
        component: "c",
        instance: "i",
        quiet: true,
      },
    ],
    [
      "track manifests deploy cm --image kev:1 -n infra --objects-namespace prod --debounce 5s --port 8080 --storage 1Gi",
      "track manifests",
      {
        types: ["deploy", "cm"],
        image: "kev:1",
        namespace: "infra",
        objectsNamespace: "prod",
        debounce: "5s",
        port: "8080",
        storage: "1Gi",
      },
    ],
    ["route check -f r.yaml", "route check", { filename: "r.yaml" }],
    ["probe --on ingress/ui -n prod", "probe", { urls: [], on: "ingress/ui", namespace: "prod" }],
    [
      "probe https://a tcp://b:1 --once --header 'A: b' --header @file --insecure --expect-status 2xx --write-every 5s",
      "probe",
      {
        urls: ["https://a", "tcp://b:1"],
        once: true,
        header: ["A: b", "@file"],
        insecure: true,
        expectStatus: "2xx",
        writeEvery: "5s",
      },
    ],
    ["probe manifests --image i -f t.yaml", "probe manifests", { image: "i", filename: "t.yaml" }],
    ["route convert config.yaml", "route convert", { file: "config.yaml" }],
    ["run --on deploy/ui -- make", "run", { on: ["deploy/ui"], command: ["make"] }],
    [
      "run --on a --on cm/b --reason Migration -m Schema --key k --mask x --mask y --tail-lines 3 -n prod -- ls -n a",
      "run",
      {
        on: ["a", "cm/b"],
        reason: "Migration",
        message: "Schema",
        key: "k",
        mask: ["x", "y"],
        tailLines: "3",
        namespace: "prod",
        command: ["ls", "-n", "a"],
      },
    ],
    [
      "run --on a --show-command --require-events --component c --instance i --label a=1 --annotation b=2 -q -- ls",
      "run",
      {
        on: ["a"],
        showCommand: true,
        requireEvents: true,
        component: "c",
        instance: "i",
        label: ["a=1"],
        annotation: ["b=2"],
        quiet: true,
        command: ["ls"],
      },
    ],
    // All behind the first -- is the command's.
    ["run --on a -- git log -- --on b", "run", { on: ["a"], command: ["git", "log", "--", "--on", "b"] }],
    ["-n prod run --on a -- ls --all=false", "run", { on: ["a"], namespace: "prod", command: ["ls", "--all=false"] }],
    // Flags that may be repeated keep their order; of others the last one counts.
    [
      "emit tested a --label a=1 --label b=2 --annotation c=3=4 -f x -f y -R -m one -m two",
      "emit",
      {
        what: "tested",
        objects: ["a"],
        label: ["a=1", "b=2"],
        annotation: ["c=3=4"],
        filename: ["x", "y"],
        recursive: true,
        message: "two",
      },
    ],
    // Flags stand anywhere.
    ["-n prod emit approve a", "emit", { what: "approve", objects: ["a"], namespace: "prod" }],
    ["emit -n prod approve a", "emit", { what: "approve", objects: ["a"], namespace: "prod" }],
    ["emit approve a -n prod", "emit", { what: "approve", objects: ["a"], namespace: "prod" }],
    // As kubectl takes values.
    ["emit approve a -n=prod", "emit", { what: "approve", objects: ["a"], namespace: "prod" }],
    ["emit approve a -nprod", "emit", { what: "approve", objects: ["a"], namespace: "prod" }],
    ["emit approve a --namespace=prod", "emit", { what: "approve", objects: ["a"], namespace: "prod" }],
    ["emit approve a --namespace=", "emit", { what: "approve", objects: ["a"], namespace: "" }],
    ["emit approve a -oyaml", "emit", { what: "approve", objects: ["a"], output: "yaml" }],
    [
      "emit approve a -o=jsonpath=.metadata.name",
      "emit",
      { what: "approve", objects: ["a"], output: "jsonpath=.metadata.name" },
    ],
    ["emit approve a -qoname", "emit", { what: "approve", objects: ["a"], quiet: true, output: "name" }],
    ["emit approve a -m --dry-run", "emit", { what: "approve", objects: ["a"], message: "--dry-run" }],
    ["emit approve a -m=-", "emit", { what: "approve", objects: ["a"], message: "-" }],
    // Flags without a value take one as in Go.
    ["emit approve pods --all", "emit", { what: "approve", objects: ["pods"], all: true }],
    ["emit approve pods --all=true", "emit", { what: "approve", objects: ["pods"], all: true }],
    ["emit approve pods --all=false", "emit", { what: "approve", objects: ["pods"] }],
    // A bare --dry-run never takes the next word.
    ["emit --dry-run approve a", "emit", { what: "approve", objects: ["a"], dryRun: "client" }],
    ["emit approve a --dry-run", "emit", { what: "approve", objects: ["a"], dryRun: "client" }],
    ["emit approve a --dry-run=server", "emit", { what: "approve", objects: ["a"], dryRun: "server" }],
    ["emit approve a --dry-run server", "emit", { what: "approve", objects: ["a", "server"], dryRun: "client" }],
    // After -- nothing is a flag.
    ["emit approve -- a -n", "emit", { what: "approve", objects: ["a", "-n"] }],
    ["emit approve a -- --all=false", "emit", { what: "approve", objects: ["a", "--all=false"] }],
    [
      "emit approve a --context c --cluster d --user u --kubeconfig k -s https://h:1 --token t --request-timeout 10s --v=6",
      "emit",
      {
        what: "approve",
        objects: ["a"],
        context: "c",
        cluster: "d",
        user: "u",
        kubeconfig: "k",
        server: "https://h:1",
        token: "t",
        requestTimeout: "10s",
        v: 6,
      },
    ],
    [
      "emit approve a --as jane --as-group dev --as-group ops --as-uid 7 --as-user-extra a=b --as-user-extra a=c -v6",
      "emit",
      {
        what: "approve",
        objects: ["a"],
        as: "jane",
        asGroup: ["dev", "ops"],
        asUid: "7",
        asUserExtra: ["a=b", "a=c"],
        v: 6,
      },
    ],
    [
      "emit approve a --insecure-skip-tls-verify --certificate-authority ca --client-certificate c --client-key k --tls-server-name n",
      "emit",
      {
        what: "approve",
        objects: ["a"],
        insecureSkipTlsVerify: true,
        certificateAuthority: "ca",
        clientCertificate: "c",
        clientKey: "k",
        tlsServerName: "n",
      },
    ],
    [
      "emit approve a --cache-dir d --color never --config kev.yaml --disable-compression",
      "emit",
      {
        what: "approve",
        objects: ["a"],
        cacheDir: "d",
        color: "never",
        config: "kev.yaml",
        disableCompression: true,
      },
    ],
    ["presets", "presets", { headers: true }],
    ["presets -o wide --no-headers", "presets", { headers: false, output: "wide" }],
    ["presets --no-headers=false --config kev.yaml", "presets", { headers: true, config: "kev.yaml" }],
    ["version", "version", {}],
    ["version --client -o json", "version", { client: true, output: "json" }],
    ["completion zsh", "completion", { shell: "zsh" }],
    ["help", "help", []],
    ["help emit", "help", ["emit"]],
    ["options", "options", undefined],
  ])("kev %s", async (line, command, options) => {
    expect(await parseArgv(shellWords(line))).toEqual({ command, options });
  });
});

describe("wrong usage", () => {
  test.each([
    // The value of a misspelt flag may be a secret.
    ["presets --tokn=SECRET", "error: unknown flag: --tokn\nhint: did you mean --token?\n"],
    ["emit x y --all=maybe", 'error: invalid argument "maybe" for "--all" flag: it is true or false\n'],
    ["presets -v abc", 'error: invalid argument "abc" for "-v, --v" flag: it is a number\n'],
    [
      "presets --color x",
      'error: invalid argument "x" for "--color" flag: it is one of auto, always, never\nhint: see \'kev presets --help\' for help and examples\n',
    ],
    [
      "presets a b",
      "error: kev presets takes fewer arguments: expected 0 arguments but got 2\nhint: see 'kev presets --help' for help and examples\n",
    ],
    [
      "gate serve --tls-cert-file a",
      "error: required flag(s) \"tls-private-key-file\" not set\nhint: see 'kev gate serve --help' for help and examples\n",
    ],
    [
      "route check -f r.yaml --listen :9",
      "error: unknown flag: --listen\nhint: kev route takes it, kev route check does not\n",
    ],
    [
      "route --leader-elect-renew-deadline 20s --listen none",
      "error: --leader-elect-lease-duration, in whole seconds, must be longer than --leader-elect-renew-deadline, and that longer than --leader-elect-retry-period\n",
    ],
    ["route -A -n prod", "error: --all-namespaces and --namespace cannot be used together\n"],
    ["route --event-ttl 0", 'error: invalid argument "0" for "--event-ttl" flag: it is how long events live\n'],
    [
      "route --compat x",
      'error: invalid argument "x" for "--compat" flag: it is eventrouter, event_exporter or both\n',
    ],
    [
      "probe",
      "error: nothing to probe: name URLs, an Ingress by --on, or a file by -f\nhint: --on takes TYPE/NAME, like ingress/ui; --once does without\n",
    ],
    [
      "probe https://a",
      'error: required flag(s) "on" not set: the object that the events are about\nhint: --on takes TYPE/NAME, like ingress/ui; --once does without\n',
    ],
    ["probe https://a --on ui", 'error: --on must be TYPE/NAME, like ingress/ui, not "ui"\n'],
    ["probe https://u:secret@ --once", "error: a URL is no URL with a host, like https://ui.example.com\n"],
    [
      "probe https://a --once --interval 10",
      'error: invalid argument "10" for "--interval" flag: it is a duration of 1s or more, like 10s\n',
    ],
    [
      "probe https://a --once --timeout 600h",
      'error: invalid argument "600h" for "--timeout" flag: it is a duration from 10ms to 1h, like 5s\n',
    ],
    [
      "probe https://a --on ingress/ui --write-every 1200h",
      'error: invalid argument "1200h" for "--write-every" flag: it is from 1s to 24h\n',
    ],
    [
      "probe https://a --once --expect-body '(('",
      'error: invalid argument for "--expect-body" flag: it is not a regular expression of RE2: missing closing ): `((`\n',
    ],
    [
      "probe https://a --once --header SECRET",
      'error: invalid argument for "--header" flag: a header is written as Name: value\n',
    ],
    ["probe https://a --once --cert c", "error: --cert and --key need each other\n"],
    ["probe https://a -f t.yaml", "error: URLs and -f cannot be used together: the file has its own\n"],
    ["probe -f t.yaml --timeout 1s", "error: --timeout and -f cannot be used together: it stands in the file\n"],
    [
      "probe --on ingress/ui --listen x",
      'error: invalid argument "x" for "--listen" flag: it is [ADDRESS]:PORT, like :9102, or none\n',
    ],
    [
      "probe manifests --image x --interval 3s",
      "error: unknown flag: --interval\nhint: kev probe takes it, kev probe manifests does not\n",
    ],
    ["probe manifests -f x", 'error: required flag(s) "image" not set\nhint: make one with docs/Dockerfile\n'],
    ["track", "error: no TYPE is given\nhint: like kev track deployments configmaps\n"],
    [
      "track deploy/ui",
      'error: "deploy/ui" names one object; kev track takes types\nhint: -l selects objects of a type by their labels\n',
    ],
    ["track deploy,", 'error: a resource type is missing in "deploy,"\n'],
    [
      "track deploy --what made",
      'error: invalid argument "made" for "--what" flag: it is created, changed or deleted\n',
    ],
    [
      "track deploy --ignore spec..x",
      'error: invalid argument "spec..x" for "--ignore" flag: it is no path\nhint: like spec.replicas, spec.containers[nginx].image or metadata.annotations[example.com/*]\n',
    ],
    [
      "track deploy --debounce soon",
      'error: invalid argument "soon" for "--debounce" flag: it is a duration, like 5s\n',
    ],
    ["track deploy -A -n prod", "error: --all-namespaces and --namespace cannot be used together\n"],
    ["track deploy -l ''", "error: the selector of -l is empty\n"],
    [
      "track deploy --state postgres://kev:pw@h/d",
      'error: invalid argument "postgres://…" for "--state" flag: it is a file or none\n',
    ],
    ["track deploy --component -x-", 'error: component "-x-" is not a qualified name\n'],
    ["track deploy -q -o yaml", "error: -q and -o exclude each other\n"],
    [
      "track manifests deploy --image x --listen :9",
      "error: unknown flag: --listen\nhint: kev track takes it, kev track manifests does not\n",
    ],
    ["track manifests deploy", 'error: required flag(s) "image" not set\nhint: make one with docs/Dockerfile\n'],
    ["gate status --zz", "error: unknown flag: --zz\nhint: see 'kev gate status --help' for help and examples\n"],
    ["emit", "error: missing WHAT\nhint: see 'kev emit --help' for help and examples\n"],
    ["emti", 'error: unknown command "emti" for "kev"\nhint: did you mean emit?\n'],
    ["gate serv", 'error: unknown command "serv" for "kev gate"\nhint: did you mean serve?\n'],
    ["frobnicate", 'error: unknown command "frobnicate" for "kev"\nhint: run \'kev --help\' for usage\n'],
    ["emit approve a --contaner x", "error: unknown flag: --contaner\nhint: did you mean --container?\n"],
    ["emit approve a --zz", "error: unknown flag: --zz\nhint: see 'kev emit --help' for help and examples\n"],
    [
      "emit approve a -x",
      "error: unknown shorthand flag: 'x' in -x\nhint: see 'kev emit --help' for help and examples\n",
    ],
    [
      "emit approve a -m",
      "error: flag needs an argument: --message\nhint: see 'kev emit --help' for help and examples\n",
    ],
    [
      "emit approve a --key",
      "error: flag needs an argument: --key\nhint: see 'kev emit --help' for help and examples\n",
    ],
    ["--context", "error: flag needs an argument: --context\nhint: see 'kev --help' for help and examples\n"],
    // Values that only the command's logic reads; nothing is sent for them.
    [
      "emit approve a --dry-run=maybe",
      'error: Invalid dry-run value (maybe). Must be "none", "server", or "client".\n',
    ],
    [
      "emit approve a -o xml",
      'error: unable to match a printer suitable for the output format "xml", allowed formats are: json,jsonpath,jsonpath-as-json,jsonpath-file,name,yaml\n',
    ],
    [
      "emit approve a --at yesterday",
      'error: invalid time "yesterday"\nhint: like 2026-11-23T09:30:00Z, or 5m for five minutes ago\n',
    ],
    ["emit approve a --label novalue", 'error: --label takes KEY=VALUE, not "novalue"\n'],
    [
      "emit approve a --retry-timeout soon",
      'error: invalid retry timeout "soon"\nhint: like 30s or 2m; 0 tries once\n',
    ],
    ["emit approve a -q -o yaml", "error: -q and -o exclude each other\n"],
    ["emit approve -m - -f -", "error: standard input cannot be used for multiple arguments\n"],
    [
      "presets -o xml",
      'error: unable to match a printer suitable for the output format "xml", allowed formats are: json,name,wide,yaml\n',
    ],
    ["version --client -o xml", "error: --output must be 'yaml' or 'json', not \"xml\"\n"],
    ["completion", "error: missing SHELL\nhint: see 'kev completion --help' for help and examples\n"],
    [
      "completion csh",
      "error: invalid SHELL \"csh\": it is one of bash, zsh, fish\nhint: see 'kev completion --help' for help and examples\n",
    ],
  ])("kev %s", async (line, stderr) => {
    const context = fakeContext();
    const exitCode = await main(shellWords(line), context);

    expect({ exitCode, stdout: context.stdout.text, stderr: context.stderr.text }).toEqual({
      exitCode: 2,
      stdout: "",
      stderr,
    });
  });
});

// kev's own failures have a code that commands seldom have: the others are the command's.
describe("wrong usage of kev run", () => {
  test.each([
    ["run -- ls", "error: required flag(s) \"on\" not set\nhint: see 'kev run --help' for help and examples\n"],
    ["run --on a", "error: missing COMMAND\nhint: see 'kev run --help' for help and examples\n"],
    ["run --on a --", "error: missing COMMAND\nhint: see 'kev run --help' for help and examples\n"],
    [
      "run --on a ls",
      'error: "ls" stands before --, which the command has to follow\nhint: like kev run --on deploy/ui-server -- make migrate\n',
    ],
    [
      "run --on a b -- ls",
      'error: "b" stands before --, which the command has to follow\nhint: like kev run --on deploy/ui-server -- make migrate\n',
    ],
    [
      "run --on a --requires-events -- ls",
      "error: unknown flag: --requires-events\nhint: did you mean --require-events?\n",
    ],
    [
      "run --on a --tail-lines x -- ls",
      'error: invalid argument "x" for "--tail-lines" flag: it is a number from 0 to 999\n',
    ],
    [
      "run --on a --retry-timeout soon -- ls",
      'error: invalid retry timeout "soon"\nhint: like 30s or 2m; 0 tries once\n',
    ],
    ["run --on a --label novalue -- ls", 'error: --label takes KEY=VALUE, not "novalue"\n'],
    ["run --on a/b/c -- ls", "error: arguments in resource/name form may not have more than one slash\n"],
    [
      "run --on a --reason migration -- ls",
      'error: reason "migration" is not UpperCamelCase\nhint: a reason is a word for machines, like DatabaseMigrated\n',
    ],
    [
      "run --on a --reason MigrationStarted -- ls",
      "error: the reason MigrationStarted would become MigrationStartedStarted, MigrationStartedSucceeded and MigrationStartedFailed\nhint: leave Started out\n",
    ],
    [
      "run --on a --mask '*' -- ls",
      "error: --mask: * is not a regular expression of RE2: missing argument to repetition operator: `*`\n",
    ],
  ])("kev %s", async (line, stderr) => {
    const context = fakeContext();
    const exitCode = await main(shellWords(line), context);

    expect({ exitCode, stdout: context.stdout.text, stderr: context.stderr.text }).toEqual({
      exitCode: 125,
      stdout: "",
      stderr,
    });
  });
});

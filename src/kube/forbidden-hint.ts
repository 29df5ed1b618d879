// The sentence of the RBAC authorizer: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go, forbiddenMessage.
const sentence =
  /User "([^"]*)" cannot (\S+) resource "([^"]*)" in API group "([^"]*)" (?:in the namespace "([^"]*)"|at the cluster scope)/;

/**
 * What to do about a 403: the Role that is missing, as kubectl makes it, and the line that checks it. Undefined when
 * `message` is not RBAC's (an admission plug-in's, say).
 */
export function forbiddenHint(message: string): string | undefined {
  const found = sentence.exec(message);
  if (found === null) return undefined;
  const [, user = "", verb, resource = "", group, namespace] = found;
  const type = group === "" ? resource : resource.replace(/^[^/]*/, (plural) => `${plural}.${group}`);
  const clusterWide = namespace === undefined;
  const kind = clusterWide ? "clusterrole" : "role";
  const role = `kev-${verb}-${resource.replaceAll("/", "-")}`;
  const inNamespace = clusterWide ? "" : ` -n ${namespace}`;
  return [
    `${quoted(user)} lacks the right to ${verb} ${type}${clusterWide ? "" : ` in namespace ${namespace}`}; who may can grant it:`,
    `  kubectl create ${kind} ${role} --verb=${verb} --resource=${type}${inNamespace}`,
    `  kubectl create ${kind}binding ${role} --${kind}=${role} ${subject(user)}${inNamespace}`,
    `check it with: kubectl auth can-i ${verb} ${type}${inNamespace}`,
  ].join("\n");
}

function subject(user: string): string {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user);
  return account === null ? `--user=${quoted(user)}` : `--serviceaccount=${account[1]}:${account[2]}`;
}

// A user name may hold anything; what is offered for pasting into a shell must not.
function quoted(word: string): string {
  return /^[\w@.:/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The three functions of the metadata polyfill that tsyringe, under @peculiar/x509, calls while it loads; it refuses
 * to load without. Must have run before @peculiar/x509 is imported.
 */
type Metadata = Map<unknown, unknown>;

const metadata = new WeakMap<object, Metadata>();

const getOwnMetadata = (key: unknown, target: object): unknown => metadata.get(target)?.get(key);

const getMetadata = (key: unknown, target: object): unknown => {
  for (let owner: object | null = target; owner !== null; owner = Object.getPrototypeOf(owner)) {
    if (metadata.get(owner)?.has(key)) return metadata.get(owner)?.get(key);
  }
  return undefined;
};

const defineMetadata = (key: unknown, value: unknown, target: object): void => {
  const known: Metadata = metadata.get(target) ?? new Map();
  metadata.set(target, known.set(key, value));
};

// A real polyfill, loaded earlier, stays.
if (!("getMetadata" in Reflect)) Object.assign(Reflect, { getMetadata, getOwnMetadata, defineMetadata });

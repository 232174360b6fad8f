import { reservedWords } from '../einsum/words.ts';

/** Names of ours for names of theirs: always the same for the same, and never one for two. */
export class Names {
  private readonly given = new Map<string, string>();
  /** As compared: ranks and variables are told apart by more than their case. */
  private readonly used = new Set<string>();
  private readonly shape: (name: string) => string;

  /** `shape` makes a name that is allowed; what it makes alike gets a number. */
  constructor(shape: (name: string) => string) {
    this.shape = shape;
  }

  /** `key` tells apart what has one name there and is to have two here. */
  of(theirs: string, key = theirs): string {
    const known = this.given.get(key);
    if (known !== undefined) return known;
    const wanted = this.shape(theirs);
    let name = wanted;
    for (let n = 2; this.used.has(name.toLowerCase()); n++) name = `${wanted}_${n}`;
    this.used.add(name.toLowerCase());
    this.given.set(key, name);
    return name;
  }
}

/** Letters, digits and "_", a letter first, and not too long. */
const plain = (name: string): string => {
  const letters = name.replace(/[^A-Za-z0-9_]/g, '_').slice(0, 80);
  return /^[A-Za-z]/.test(letters) ? letters : `X${letters}`;
};

const notReserved = (name: string): string => (reservedWords.has(name.toLowerCase()) ? `${name}_` : name);

/** A rank: its index variable is the same name in lower case. */
export const rankShape = (name: string): string => notReserved(plain(name).toUpperCase());

/** A parameter of a cascade begins with an upper-case letter. */
export const parameterShape = (name: string): string => {
  const allowed = plain(name);
  return notReserved(allowed[0]!.toUpperCase() + allowed.slice(1));
};

export const tensorShape = (name: string): string => notReserved(plain(name));

/** A level, a unit or a dimension of a machine. */
export const levelShape = plain;

/** A cascade, a machine: lower case with hyphens. */
export const titleShape = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '') || 'imported';

/** Which of `count` things belong together, as pairs of them are joined. */
export class UnionFind {
  readonly #parent: Int32Array;

  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, at) => at);
  }

  /** The lowest of those that `at` belongs with. */
  rootOf(at: number): number {
    while (this.#parent[at] !== at) {
      this.#parent[at] = this.#parent[this.#parent[at]!]!;
      at = this.#parent[at]!;
    }
    return at;
  }

  join(one: number, other: number): void {
    const [a, b] = [this.rootOf(one), this.rootOf(other)];
    this.#parent[Math.max(a, b)] = Math.min(a, b);
  }

  /** Those that were joined, in order; things that stayed alone are left out. */
  groups(): number[][] {
    const byRoot = new Map<number, number[]>();
    for (const at of this.#parent.keys()) {
      const root = this.rootOf(at);
      const group = byRoot.get(root);
      if (group) group.push(at);
      else byRoot.set(root, [at]);
    }
    return [...byRoot.values()].filter((group) => group.length > 1);
  }
}

/** Two things of a list that are alike, and how much. */
export interface Link {
  readonly one: number;
  readonly other: number;
  readonly likeness: number;
}

/** Groups of linked things, each with the least likeness of its links. */
export function linkedGroups<T>(things: readonly T[], links: Iterable<Link>): { members: T[]; least: number }[] {
  const joined = new UnionFind(things.length);
  const all = [...links];
  for (const { one, other } of all) joined.join(one, other);
  const least = new Map<number, number>();
  for (const { one, likeness } of all) {
    const root = joined.rootOf(one);
    least.set(root, Math.min(least.get(root) ?? 1, likeness));
  }
  return joined.groups().map((group) => ({
    members: group.map((at) => things[at]!),
    least: least.get(group[0]!)!,
  }));
}

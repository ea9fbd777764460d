/** Nodes in the order in which nothing comes before what it waits for; `cycle` where there is none. Linear in edges. */
export function order(
  nodes: readonly string[],
  after: (node: string) => readonly string[],
): { readonly sorted: readonly string[]; readonly cycle: readonly string[] | null } {
  const state = new Map<string, 'open' | 'done'>();
  const sorted: string[] = [];
  for (const root of nodes) {
    const cycle = visit(root, { state, sorted, after });
    if (cycle) return { sorted: [], cycle };
  }
  return { sorted, cycle: null };
}

interface Walk {
  readonly state: Map<string, 'open' | 'done'>;
  readonly sorted: string[];
  readonly after: (node: string) => readonly string[];
}

interface Step {
  readonly node: string;
  /** What it waits for and has not been looked at. */
  readonly rest: Iterator<string, undefined>;
}

/** Depth first with a stack of its own: a long chain must not overflow the call stack. */
function visit(root: string, { state, sorted, after }: Walk): readonly string[] | null {
  if (state.has(root)) return null;
  const path: Step[] = [{ node: root, rest: after(root)[Symbol.iterator]() }];
  state.set(root, 'open');
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const next = top.rest.next().value;
    if (next === undefined) {
      state.set(top.node, 'done');
      sorted.push(top.node);
      path.pop();
    } else if (state.get(next) === 'open') {
      return [...path.slice(path.findIndex((step) => step.node === next)).map((step) => step.node), next];
    } else if (!state.has(next)) {
      state.set(next, 'open');
      path.push({ node: next, rest: after(next)[Symbol.iterator]() });
    }
  }
  return null;
}

/** Everything that can be reached from `start`, itself left out unless it is on a ring. */
export function reachable(start: readonly string[], next: (node: string) => readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const queue = start.flatMap(next);
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    queue.push(...next(node));
  }
  return seen;
}

/** Topological order, or the cycle that prevents one. Linear in edges. */
export function topologicalOrder(
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

interface StackFrame {
  readonly node: string;
  /** Its dependencies that were not visited yet. */
  readonly rest: Iterator<string, undefined>;
}

/** Depth first with an explicit stack, because a long chain would overflow the call stack. */
function visit(root: string, { state, sorted, after }: Walk): readonly string[] | null {
  if (state.has(root)) return null;
  const path: StackFrame[] = [{ node: root, rest: after(root)[Symbol.iterator]() }];
  state.set(root, 'open');
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const next = top.rest.next().value;
    if (next === undefined) {
      state.set(top.node, 'done');
      sorted.push(top.node);
      path.pop();
    } else if (state.get(next) === 'open') {
      return [...path.slice(path.findIndex((frame) => frame.node === next)).map((frame) => frame.node), next];
    } else if (!state.has(next)) {
      state.set(next, 'open');
      path.push({ node: next, rest: after(next)[Symbol.iterator]() });
    }
  }
  return null;
}

/** Everything reachable from `start`, which is included only if it is part of a cycle. */
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

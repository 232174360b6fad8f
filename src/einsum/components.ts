/**
 * Strongly connected components of a graph, each after those that it needs (Tarjan 1972, with a stack of its
 * own, so that a long chain cannot exhaust the program's).
 */
export function components(needs: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const found: number[][] = [];
  const order = new Map<number, number>();
  const lowest: number[] = [];
  const open: number[] = [];
  const isOpen = new Set<number>();
  const enter = (node: number): { readonly node: number; next: number } => {
    lowest[node] = order.size;
    order.set(node, order.size);
    open.push(node);
    isOpen.add(node);
    return { node, next: 0 };
  };
  const leave = (node: number): void => {
    if (lowest[node] !== order.get(node)) return;
    const component = open.splice(open.lastIndexOf(node));
    for (const member of component) isOpen.delete(member);
    found.push(component);
  };
  for (let root = 0; root < needs.length; root++) {
    if (order.has(root)) continue;
    const path = [enter(root)];
    while (path.length > 0) {
      const at = path.at(-1)!;
      const needed = needs[at.node]![at.next++];
      if (needed === undefined) {
        leave(at.node);
        path.pop();
        const parent = path.at(-1);
        if (parent !== undefined) lowest[parent.node] = Math.min(lowest[parent.node]!, lowest[at.node]!);
      } else if (!order.has(needed)) path.push(enter(needed));
      else if (isOpen.has(needed)) lowest[at.node] = Math.min(lowest[at.node]!, order.get(needed)!);
    }
  }
  return found;
}
